//! Disks that are full, read-only, or fail.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::helpers::{User, program};
use crate::server::nowhere;

/// Runs `emit` where no file may grow beyond this, as on a disk that is full.
fn emit_with_room(user: &User, kibibytes: u32, data: &str) -> std::process::Output {
    let script = format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" emit a.b --data \"$1\"");
    user.command("bash").args(["-c", &script, program(), data]).output().unwrap()
}

#[test]
fn a_full_disk_is_told_and_leaves_what_was_there() {
    let user = User::without_key(&nowhere());
    let data = format!("\"{}\"", "x".repeat(1000));
    let mut kept = 0;
    let refusal = loop {
        let output = emit_with_room(&user, 4, &data);
        if output.status.success() {
            kept += 1;
            continue;
        }
        break output;
    };
    let told = String::from_utf8(refusal.stderr).unwrap();
    assert_eq!(refusal.status.code(), Some(1), "{told}");
    assert!(told.contains("not kept") && told.contains("make room"), "{told}");
    assert_eq!(user.waiting()["events"], kept);
    // With room again it goes on, and nothing is half there.
    user.run(&["emit", "a.b"]).expect(0);
    let waiting = user.waiting();
    assert_eq!((waiting["events"].as_u64(), waiting["damaged"].as_u64()), (Some(kept + 1), Some(0)));
}

/// Runs `emit` with each call of this name failing.
fn emit_with_failing(user: &User, call: &str, error: &str) -> std::process::Output {
    let inject = format!("inject={call}:error={error}");
    let mut command = user.command("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject, program()]);
    command.args(["emit", "a.b"]).output().unwrap()
}

#[test]
fn a_disk_that_fails_or_is_read_only_is_never_told_as_kept() {
    let user = User::without_key(&nowhere());
    user.run(&["emit", "a.b"]).expect(0);
    for (call, error, advice) in [
        ("fdatasync", "EIO", "cannot write"),
        ("fdatasync", "ENOSPC", "make room"),
        ("openat", "EROFS", ""),
        ("flock", "ENOLCK", "cannot lock"),
    ] {
        let output = emit_with_failing(&user, call, error);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{call} {error}: {told}");
        assert!(told.contains(advice), "{call} {error}: {told}");
        assert!(output.stdout.is_empty());
    }
    let after = user.run(&["emit", "a.b"]);
    assert!(after.expect(0).starts_with("kept"));
}

#[test]
fn a_state_folder_that_cannot_be_made_is_told_with_what_to_do() {
    let user = User::without_key(&nowhere());
    fs::write(user.home().join(".local"), "a file").unwrap();
    let ended = user.run(&["emit", "a.b"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("the event is not kept") && ended.stderr.contains(".local"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_spool_is_for_its_owner_alone() {
    let user = User::without_key(&nowhere());
    user.run(&["emit", "a.b"]).expect(0);
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(user.spool()), 0o700);
    for file in fs::read_dir(user.spool()).unwrap() {
        assert_eq!(mode(file.unwrap().path()), 0o600);
    }
}

#[test]
fn root_makes_nothing_in_the_home_of_somebody_else() {
    let user = User::without_key(&nowhere());
    let mut command = user.command("strace");
    // Whoever runs the tests: root is told that the home is another's, another is told to be root.
    let is_root =
        fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own)).unwrap() == 0;
    if is_root {
        std::os::unix::fs::chown(user.home(), Some(12_345), None).unwrap();
    }
    let inject = if is_root { "trace=none" } else { "inject=geteuid:retval=0" };
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", inject, program(), "emit", "a.b"]);
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("belongs to another user") && told.contains("XDG_STATE_HOME"), "{told}");
    assert_eq!(fs::read_dir(user.home()).unwrap().count(), 0);
}
