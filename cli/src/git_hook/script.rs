//! The scripts that git calls: a few lines of POSIX shell that never make git fail.
//!
//! One that stands in the way of another runs that one first, under its own name, with the same arguments and input, and
//! ends with its exit code. If this program is gone, nothing else happens. A script calls no command but ours (and `cat`,
//! if a hook that was there needs the input of a push): git runs in places with an empty PATH.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::TOLD;

/// What the second line of a script of ours begins with, of whatever version; the digest of all lines after it follows.
const MARK: &str =
    "# Made by `remote-agent hook git install`; `remote-agent hook git uninstall` takes it away: ";
/// Characters of the digest: enough to see whether somebody edited it.
const DIGEST: usize = 16;

/// Every hook that git has a name for (githooks(5)), because `core.hooksPath` replaces the folder for all of them.
pub const KNOWN: [&str; 27] = [
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// The script in a repository that has no hook of this name.
#[must_use]
pub fn alone(hook: &str, program: &Path) -> Vec<u8> {
    let mut script = Script::begin(program);
    script.line("status=0");
    script.tell_once();
    script.tell(hook);
    script.end()
}

/// The script in a folder that `core.hooksPath` names. `chain` is the folder that it named before; without one the
/// repository's own hooks run.
#[must_use]
pub fn instead(hook: &str, program: &Path, chain: Option<&Path>) -> Vec<u8> {
    let mut script = Script::begin(program);
    if let Some(chain) = chain {
        script.assign("folder", chain.as_os_str());
    } else {
        script.find_folder();
    }
    script.line(&format!("own=$folder/{hook}"));
    if TOLD.contains(&hook) {
        script.tell_once();
        script.run_own(hook);
        script.tell(hook);
    } else {
        script.line("[ -x \"$own\" ] && exec \"$own\" \"$@\"");
        if hook == "push-to-checkout" {
            script.check_out();
        }
        script.line("exit 0");
    }
    script.end()
}

/// Whether a file is a script of ours, of this or another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// It is, as it was made.
    Us,
    /// It was, and somebody changed it.
    UsOnce,
    /// It is not.
    Others,
}

/// Tells who made a file.
#[must_use]
pub fn maker(text: &[u8]) -> Maker {
    let head = text.strip_prefix(b"#!/bin/sh\n").and_then(|rest| rest.strip_prefix(MARK.as_bytes()));
    match head {
        None => Maker::Others,
        Some(rest) if rest.len() > DIGEST && digest(&rest[DIGEST + 1..]).as_bytes() == &rest[..DIGEST] => {
            Maker::Us
        }
        Some(_) => Maker::UsOnce,
    }
}

fn digest(text: &[u8]) -> String {
    let mut digest: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    digest.truncate(DIGEST);
    digest
}

struct Script(Vec<u8>);

impl Script {
    fn begin(program: &Path) -> Self {
        let mut script = Self(Vec::new());
        script.assign("program", program.as_os_str());
        script.line("[ -x \"$program\" ] || program=$(command -v remote-agent) || program=");
        script
    }

    /// With its head.
    fn end(self) -> Vec<u8> {
        let head = format!("#!/bin/sh\n{MARK}{}\n", digest(&self.0));
        [head.into_bytes(), self.0].concat()
    }

    fn line(&mut self, line: &str) {
        self.0.extend_from_slice(line.as_bytes());
        self.0.push(b'\n');
    }

    fn assign(&mut self, name: &str, value: &OsStr) {
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'=');
        self.0.extend_from_slice(&quoted(value));
        self.0.push(b'\n');
    }

    /// One of our scripts may run another one, which must not tell the same a second time: its parent tells it.
    fn tell_once(&mut self) {
        self.line("[ \"${REMOTE_AGENT_OUTER-}\" = \"$PPID\" ] && program=");
    }

    /// Runs the hook that was there.
    fn run_own(&mut self, hook: &str) {
        self.line("status=0");
        self.line("if [ -x \"$own\" ]; then");
        if hook == "pre-push" {
            self.line("  lines=$(PATH=$PATH:/usr/bin:/bin; cat)");
            self.line("  { [ -z \"$lines\" ] || printf '%s\\n' \"$lines\"; } 2>/dev/null |");
            self.line("    REMOTE_AGENT_OUTER=$$ \"$own\" \"$@\" || exit");
            self.line("  [ -z \"$program\" ] || printf '%s\\n' \"$lines\" |");
            self.line("    \"$program\" hook git run pre-push \"$@\" >/dev/null 2>&1");
            self.line("  exit 0");
        } else {
            self.line("  REMOTE_AGENT_OUTER=$$ \"$own\" \"$@\" || status=$?");
        }
        self.line("fi");
    }

    fn tell(&mut self, hook: &str) {
        let input = if hook == "pre-push" { "" } else { " </dev/null" };
        self.line(&format!(
            "[ -z \"$program\" ] ||\n  \"$program\" hook git run {hook} \"$@\"{input} >/dev/null 2>&1"
        ));
        self.line("exit \"$status\"");
    }

    /// The repository's own hooks, found as git does, without a process.
    fn find_folder(&mut self) {
        self.line("folder=${GIT_DIR:-.git}");
        self.line("[ -e \"$folder\" ] || folder=.");
        self.line("if [ -f \"$folder\" ]; then IFS= read -r line <\"$folder\"; folder=${line#gitdir: }; fi");
        self.line("if [ -f \"$folder/commondir\" ]; then");
        self.line("  IFS= read -r line <\"$folder/commondir\"");
        self.line("  case $line in /*) folder=$line ;; *) folder=$folder/$line ;; esac");
        self.line("fi");
        self.line("folder=${GIT_COMMON_DIR:-$folder}/hooks");
    }

    /// This hook is not beside what git does by itself but instead of it: so do as git does.
    fn check_out(&mut self) {
        self.line("head=HEAD");
        self.line("git rev-parse --quiet --verify HEAD >/dev/null ||");
        self.line("  head=$(git hash-object -t tree /dev/null)");
        self.line("git update-index -q --ignore-submodules --refresh &&");
        self.line("  git diff-files --quiet --ignore-submodules -- &&");
        self.line("  git diff-index --quiet --cached --ignore-submodules \"$head\" -- || {");
        self.line("    echo 'the work tree has changes' >&2");
        self.line("    exit 1");
        self.line("  }");
        self.line("git read-tree -u -m \"$1\" || exit");
    }
}

/// As one word of the shell.
#[must_use]
pub fn quoted(value: &OsStr) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in value.as_bytes() {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            other => word.push(*other),
        }
    }
    word.push(b'\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_of_ours_is_known_whatever_its_version_and_an_edited_one_too() {
        for path in ["/usr/bin/remote-agent", "/home/o'neil/a b/ü\n$x/remote-agent"] {
            let path = Path::new(path);
            for script in [alone("post-commit", path), instead("update", path, Some(Path::new("x")))] {
                assert_eq!(maker(&script), Maker::Us);
                let edited = [script.as_slice(), b"echo mine\n"].concat();
                assert_eq!(maker(&edited), Maker::UsOnce);
                assert_eq!(maker(&script[..script.len() / 2]), Maker::UsOnce);
            }
        }
        let older = Script(b"echo of another version\n".to_vec()).end();
        assert_eq!(maker(&older), Maker::Us);
        for other in [b"#!/bin/sh\nremote-agent hook git run post-commit\n".as_slice(), b"", b"\0\xff"] {
            assert_eq!(maker(other), Maker::Others);
        }
    }

    #[test]
    fn every_hook_that_tells_something_is_a_known_one() {
        assert!(TOLD.iter().all(|hook| KNOWN.contains(hook)));
        assert!(KNOWN.is_sorted());
    }
}
