# shellcheck shell=bash
# What ./test needs on the machine: packages, a Rust toolchain, and tools kept in a cache outside the tree.

TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/sidewatch-tools
# shellcheck disable=SC2034 # read by the steps
CARGO_DENY=0.20.2 CARGO_MACHETE=0.9.2
# axe-core finds what is not accessible; MPL-2.0, run in tests and never shipped.
AXE_CORE_VERSION=4.14.1
AXE_CORE_INTEGRITY=sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==

# command:package that brings it
PACKAGES=(
  cc:build-essential
  c++:g++
  chromedriver:chromium-driver
  curl:curl
  git:git
  jq:jq
  npm:npm
  pkg-config:pkg-config
  prometheus:prometheus
  promtool:prometheus
  python3:python3
  redis-server:redis-server
  script:bsdutils
  setpriv:util-linux
  strace:strace
  shellcheck:shellcheck
  shfmt:shfmt
  tmux:tmux
)

# Leaves a remark for the summary.
note() {
  printf '%s\n' "$1" | tee -a "$NOTE_FILE"
}

# Leaves the reason for the summary and fails the step.
fail() {
  note "$1" >&2
  exit 1
}

# A developer's own settings must not change what the tests see.
clean_environment() {
  local name
  for name in "${!SIDEWATCH_@}" VERSION GIT_SHA BUILD_DATE; do
    unset "$name"
  done
  # Remote Agent's variables have plain names; .env.example has them all.
  while IFS= read -r name; do
    unset "$name" "${name}_FILE"
  done < <(sed -n 's/^#\([A-Z][A-Z0-9_]*\)=.*/\1/p' .env.example)
  export NO_PROXY=127.0.0.1,localhost,::1 no_proxy=127.0.0.1,localhost,::1
}

missing_packages() {
  local pair
  for pair in "${PACKAGES[@]}"; do
    command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair#*:}"
  done
  python3 -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv\n'
  has_postgresql || printf 'postgresql\n'
  has_chromium || printf 'chromium\n'
}

# Its server's programs are in a folder of their version and not in PATH.
has_postgresql() {
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# Under one of the names that chromedriver looks for.
has_chromium() {
  command -v chromium >/dev/null || command -v google-chrome >/dev/null
}

# Installs what is missing where that is possible, else says what to install.
install_packages() {
  local packages
  mapfile -t packages < <(missing_packages | sort -u)
  if ((${#packages[@]} == 0)); then
    return 0
  fi
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    printf 'Please install (Debian names): %s\n' "${packages[*]}" >&2
    printf 'On Debian or Ubuntu: sudo ./test --install\n' >&2
    return 1
  fi
  printf 'Installing with apt-get: %s\n' "${packages[*]}"
  apt-get update -q
  install_without_services "${packages[@]}"
}

# The tests start servers of their own on free ports. Those that come with the packages must neither start now nor
# with the machine, and PostgreSQL makes no cluster.
install_without_services() {
  local policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.d made=0 code=0 package
  if [[ " $* " == *' postgresql '* ]]; then
    mkdir -p "$clusters"
    printf 'create_main_cluster = false\n' >"$clusters/remote-agent-tests.conf"
  fi
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" || code=$?
  if ((made)); then
    rm "$policy"
  fi
  if [[ -d /run/systemd/system ]]; then
    for package in "$@"; do
      case $package in
      postgresql | prometheus | redis-server) systemctl disable --quiet "$package" || code=$? ;;
      esac
    done
  fi
  return "$code"
}

# The toolchain itself is the developer's to install: it belongs to a person, not to a machine.
check_rust() {
  local tool
  if ! command -v cargo >/dev/null; then
    printf 'No cargo found. Install Rust: https://www.rust-lang.org/tools/install\n' >&2
    return 1
  fi
  for tool in fmt clippy; do
    if ! cargo "$tool" --version >/dev/null 2>&1; then
      printf 'No cargo %s found: rustup component add rustfmt clippy\n' "$tool" >&2
      return 1
    fi
  done
  rustc --version
}

# Prints the path of a cargo tool of exactly this version, and builds it first where it is missing.
cargo_tool() {
  local name=$1 version=$2
  local root=$TOOLS/$name-$version
  if [[ ! -x $root/bin/$name ]]; then
    printf 'Building %s %s (once)\n' "$name" "$version" >&2
    # A build folder of its own, or the project's would hold the tools' dependencies too.
    CARGO_TARGET_DIR=$TOOLS/build cargo install --locked --quiet --root "$root" --version "=$version" "$name" >&2
    rm -rf "$TOOLS/build"
  fi
  printf '%s\n' "$root/bin/$name"
}

# Prints the folder of a Python environment with exactly what the file lists.
python_environment() {
  local requirements=$1 root
  root=$TOOLS/python-$(sha256sum <"$requirements" | cut -c 1-16)
  if [[ ! -e $root/complete ]]; then
    printf 'Making a Python environment from %s (once)\n' "$requirements" >&2
    rm -rf "$root"
    python3 -m venv "$root" >&2
    "$root/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
    touch "$root/complete"
  fi
  printf '%s\n' "$root"
}

# Prints the path of axe.min.js of exactly that version, fetched from npm's registry once and checked.
axe_core() {
  local root=$TOOLS/axe-core-$AXE_CORE_VERSION got
  if [[ ! -e $root/axe.min.js ]]; then
    printf 'Fetching axe-core %s (once)\n' "$AXE_CORE_VERSION" >&2
    rm -rf "$root.new"
    mkdir -p "$root.new"
    npm pack --silent --pack-destination "$root.new" "axe-core@$AXE_CORE_VERSION" >&2
    got=$(integrity "$root.new/axe-core-$AXE_CORE_VERSION.tgz")
    if [[ $got != "$AXE_CORE_INTEGRITY" ]]; then
      printf 'axe-core %s is not what it was: %s\n' "$AXE_CORE_VERSION" "$got" >&2
      return 1
    fi
    tar -xzf "$root.new/axe-core-$AXE_CORE_VERSION.tgz" -C "$root.new" --strip-components 1 package/axe.min.js
    rm -rf "$root"
    mv "$root.new" "$root"
  fi
  printf '%s\n' "$root/axe.min.js"
}

# Of a file, as npm writes it.
integrity() {
  python3 -c 'import base64, hashlib, sys
digest = hashlib.sha512(open(sys.argv[1], "rb").read()).digest()
print("sha512-" + base64.b64encode(digest).decode())' "$1"
}
