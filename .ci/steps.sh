# shellcheck shell=bash
# The steps of ./test, in the order they run: quick to fail first.

# shellcheck disable=SC2034 # both are read by ./test
STEPS=(format shell docs machete deny clippy rustdoc tests browser tui prometheus schemathesis fuzz crash release demo)
# shellcheck disable=SC2034
SLOW=(browser schemathesis fuzz crash release demo)
# Only when named: needs a database from the network, and turns red without a change here. Runs daily in CI.
# shellcheck disable=SC2034
BY_NAME=(advisories)
declare -gA ABOUT=(
  [format]='cargo fmt finds nothing to change'
  [shell]='every shell script passes shellcheck and shfmt'
  [docs]='paths and links in *.md lead somewhere'
  [machete]='no dependency is unused'
  [deny]='licences, sources and banned crates'
  [advisories]='no dependency has a published advisory'
  [clippy]='lints, as errors'
  [rustdoc]='the documentation builds without warnings'
  [tests]='unit, property, API and documentation tests'
  [browser]='the components and the page in a real Chromium: faces, decisions, keyboard, languages, hostile notes, axe'
  [tui]='the terminal interface in tmux: lists, live events, sizes, pauses, an update, the terminal as it was'
  [prometheus]='a real Prometheus scrapes both running servers'
  [schemathesis]='both running servers keep what their OpenAPI documents say'
  [fuzz]='the parsers, for a few seconds each'
  [crash]='servers killed at random lose and double nothing that was acknowledged'
  [release]='the release builds and their size'
  [demo]='the command in the README shows an update and keeps an event'
)

step_format() {
  cargo fmt --all --check || fail 'run cargo fmt --all'
  if [[ -e fuzz/Cargo.toml ]]; then
    cargo fmt --manifest-path fuzz/Cargo.toml --check || fail 'run cargo fmt --manifest-path fuzz/Cargo.toml'
  fi
}

step_shell() {
  local scripts
  mapfile -t scripts < <(shell_scripts)
  printf '%s\n' "${scripts[@]}"
  shellcheck --external-sources --source-path=. "${scripts[@]}" || fail 'shellcheck found something'
  shfmt -i 2 -d "${scripts[@]}" || fail 'run shfmt -i 2 -w on them'
  note "${#scripts[@]} scripts"
}

# Everything git knows or would take in that is written in shell.
shell_scripts() {
  local path first
  git ls-files --cached --others --exclude-standard | while IFS= read -r path; do
    [[ -f $path ]] || continue
    case $path in
    *.sh | *.bash | *.bats) printf '%s\n' "$path" ;;
    *)
      IFS= read -r first <"$path" 2>/dev/null || true
      if [[ $first =~ ^#!.*[/\ ](ba|da)?sh($|\ ) ]]; then
        printf '%s\n' "$path"
      fi
      ;;
    esac
  done
}

step_docs() {
  python3 .ci/docs.py || fail 'a document names something that is not there'
}

step_machete() {
  local tool
  tool=$(cargo_tool cargo-machete "$CARGO_MACHETE")
  "$tool" || fail 'a dependency is declared and not used'
}

step_deny() {
  local tool
  tool=$(cargo_tool cargo-deny "$CARGO_DENY")
  "$tool" --locked --workspace --all-features check --hide-inclusion-graph bans licenses sources || fail 'cargo deny refused something'
}

step_advisories() {
  local tool
  tool=$(cargo_tool cargo-deny "$CARGO_DENY")
  "$tool" --locked --workspace --all-features check --hide-inclusion-graph advisories || fail 'see the advisories above'
}

step_clippy() {
  cargo clippy --workspace --all-targets --locked -- -D warnings
}

step_rustdoc() {
  RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
}

step_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --exclude browser-tests --locked --no-fail-fast
  else
    cargo test --workspace --exclude browser-tests --locked --no-fail-fast --lib --bins --tests
  fi
  cargo test --workspace --locked --doc
}

# All in one process, so that they share one chromedriver.
step_browser() {
  local axe
  axe=$(axe_core)
  AXE_CORE=$axe cargo test --package browser-tests --locked --no-fail-fast --lib --tests ||
    fail 'a browser test failed; it names a picture of the page'
}

step_tui() {
  build_programs
  python3 e2e/check_tui.py --bin "$(target_directory)/debug"
}

step_prometheus() {
  build_programs
  python3 e2e/check_prometheus.py --bin "$(target_directory)/debug"
}

step_schemathesis() {
  local environment server failed=0
  environment=$(python_environment e2e/requirements.txt)
  build_programs
  for server in watcher app; do
    "$environment/bin/python" e2e/check_openapi.py "$server" --bin "$(target_directory)/debug" || failed=1
  done
  ((!failed)) || fail 'schemathesis found something'
}

step_fuzz() {
  [[ -x fuzz/run ]] || fail 'fuzz/run is missing'
  fuzz/run 5
}

# A few kills; by hand, e2e/app/crash.py does 200 and more.
step_crash() {
  build_programs
  python3 e2e/app/crash.py --bin "$(target_directory)/debug" --kills 12
}

step_release() {
  # One by one, as they are shipped: together, each would get the features that the other one needs.
  cargo build --release --locked --package watcher
  cargo build --release --locked --package app
  cargo build --release --locked --package cli
  note "sidewatch: $(kibibytes sidewatch) KiB (goal: under 8192); remote-agent-server: $(kibibytes remote-agent-server) KiB; remote-agent: $(kibibytes remote-agent) KiB"
}

kibibytes() {
  local bytes
  bytes=$(stat --format %s "$(target_directory)/release/$1")
  printf '%s\n' $((bytes / 1024))
}

step_demo() {
  cargo build --release --locked
  python3 e2e/check_demo.py
}

# The programs that the whole-system checks start, with the features that the tests were built with.
build_programs() {
  cargo build --workspace --bins --locked
}

target_directory() {
  cargo metadata --format-version 1 --no-deps --locked | jq -r .target_directory
}
