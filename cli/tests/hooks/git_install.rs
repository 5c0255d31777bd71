//! Coming into a repository's hooks, and out of them again.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::home::{Home, PROGRAM, Snapshot, script, snapshot};

fn install(home: &Home, folder: &Path) -> String {
    home.run(folder, &["hook", "git", "install"])
}

/// The part of a snapshot that is below a folder.
fn below(all: &Snapshot, folder: &Path) -> Snapshot {
    all.iter()
        .filter(|(path, _)| path.starts_with(folder))
        .map(|(path, file)| (path.clone(), file.clone()))
        .collect()
}

fn uninstall(home: &Home, folder: &Path) -> String {
    home.run(folder, &["hook", "git", "uninstall"])
}

#[test]
fn hooks_that_were_there_run_first_with_their_arguments_and_their_exit_code_counts() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    let log = home.path().join("log");
    let note = format!("#!/bin/sh\necho \"${{0##*/}} $*\" >>'{}'\n", log.display());
    script(&folder.join(".git/hooks/post-commit"), &note);
    script(&folder.join(".git/hooks/post-checkout"), &format!("{note}exit 7\n"));
    install(&home, &folder);
    let sha = home.commit(&folder, "a", "1\n", "one");
    let output = home.try_git(&folder, &["checkout", "--quiet", "-b", "topic"]);
    assert!(!output.status.success(), "git checkout ends as its hook does");
    let expected = format!("post-commit \npost-checkout {sha} {sha} 1\n");
    assert_eq!(fs::read_to_string(log).unwrap(), expected);
    let kinds: Vec<_> = home.take().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, ["git.commit", "git.checkout"]);
}

#[test]
fn installing_twice_is_installing_once_and_taking_it_out_leaves_everything_as_it_was() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    let hooks = folder.join(".git/hooks");
    script(&hooks.join("post-commit"), "#!/bin/sh\nexit 0\n");
    fs::set_permissions(hooks.join("post-commit"), fs::Permissions::from_mode(0o750)).unwrap();
    fs::write(hooks.join("post-merge"), "not to be run").unwrap();
    script(&home.path().join("shared/push"), "#!/bin/sh\nexit 0\n");
    symlink("../../../shared/push", hooks.join("pre-push")).unwrap();
    script(&hooks.join("commit-msg"), "#!/bin/sh\nexit 0\n");
    let before = snapshot(&folder.join(".git"));
    let told = install(&home, &folder);
    assert!(told.contains(".git/hooks run as before"), "{told}");
    assert_eq!(
        snapshot(&hooks),
        below(&before, &hooks),
        "hooks that are there keep their place and their names"
    );
    let once = snapshot(&folder.join(".git"));
    assert_ne!(once, before);
    assert!(install(&home, &folder).contains("Already so"));
    assert_eq!(snapshot(&folder.join(".git")), once);
    assert!(uninstall(&home, &folder).contains("Removed"));
    assert_eq!(snapshot(&folder.join(".git")), before);
    assert!(uninstall(&home, &folder).contains("nothing to remove"));
    assert_eq!(snapshot(&folder.join(".git")), before);
}

#[test]
fn a_repository_without_a_hooks_folder_has_none_afterwards() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    assert!(!folder.join(".git/hooks").exists());
    install(&home, &folder);
    uninstall(&home, &folder);
    assert!(!folder.join(".git/hooks").exists());
}

#[test]
fn what_somebody_changed_is_not_destroyed() {
    let home = Home::new();
    let folder = home.repository("r");
    let hook = folder.join(".git/hooks/post-commit");
    let changed = fs::read_to_string(&hook).unwrap() + "echo mine\n";
    fs::write(&hook, &changed).unwrap();
    let before = snapshot(&folder.join(".git"));
    for verb in ["install", "uninstall"] {
        let output = home.try_run(&folder, &["hook", "git", verb]);
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("post-commit") && told.contains("changed since"), "{told}");
        assert_eq!(snapshot(&folder.join(".git")), before);
    }
    // Another program put its own there, and kept none of ours.
    script(&hook, "#!/bin/sh\nexit 0\n");
    uninstall(&home, &folder);
    assert_eq!(fs::read_to_string(&hook).unwrap(), "#!/bin/sh\nexit 0\n");
}

#[test]
fn a_repository_without_such_hooks_gets_ours_in_its_own_folder() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    script(&folder.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
    let before = snapshot(&folder.join(".git"));
    install(&home, &folder);
    assert!(folder.join(".git/hooks/post-commit").exists());
    assert!(!folder.join(".git/remote-agent-hooks").exists());
    assert!(install(&home, &folder).contains("Already so"));
    uninstall(&home, &folder);
    assert_eq!(snapshot(&folder.join(".git")), before);
}

#[test]
fn what_a_killed_installation_left_hinders_nobody() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    let own = folder.join(".git/remote-agent-hooks");
    script(&folder.join(".git/hooks/post-commit"), "#!/bin/sh\nexit 0\n");
    let before = snapshot(&folder.join(".git"));
    // Before `core.hooksPath` was set: scripts of another chain, and one that is not finished.
    home.git(&folder, &["config", "core.hooksPath", ".husky"]);
    install(&home, &folder);
    home.git(&folder, &["config", "--unset", "core.hooksPath"]);
    fs::remove_file(own.join("update")).unwrap();
    fs::write(own.join(".update.remote-agent-77"), "#!/bin/sh\n# Ma").unwrap();
    install(&home, &folder);
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");
    fs::write(own.join(".update.remote-agent-78"), "").unwrap();
    uninstall(&home, &folder);
    assert!(!own.exists());
    // Between a hook of ours and the next one.
    fs::remove_file(folder.join(".git/hooks/post-commit")).unwrap();
    install(&home, &folder);
    fs::remove_file(folder.join(".git/hooks/pre-push")).unwrap();
    fs::write(folder.join(".git/hooks/.pre-push.remote-agent-77"), "").unwrap();
    uninstall(&home, &folder);
    assert!(!folder.join(".git/hooks").exists());
    assert!(before.contains_key(&folder.join(".git/config")));
}

#[test]
fn a_hook_of_ours_for_another_program_is_brought_up_to_date() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    fs::create_dir(home.path().join("bin")).unwrap();
    let copy = home.path().join("bin/remote-agent");
    home.copy_program(&copy);
    assert!(home.shell(&folder, &format!("'{}' hook git install", copy.display())).status.success());
    let hook = folder.join(".git/hooks/post-commit");
    assert!(fs::read_to_string(&hook).unwrap().contains("/bin/remote-agent'"));
    install(&home, &folder);
    assert!(fs::read_to_string(&hook).unwrap().contains(PROGRAM));
    uninstall(&home, &folder);
    assert!(!hook.exists());
}

#[test]
fn a_program_that_is_gone_is_looked_for_in_path_and_missed_by_nobody() {
    let mut home = Home::new();
    let folder = home.plain_repository("r");
    let own = home.path().join("o'wn bin");
    fs::create_dir(&own).unwrap();
    home.copy_program(&own.join("remote-agent"));
    assert!(home.shell(&folder, "\"$HOME/o'wn bin/remote-agent\" hook git install").status.success());
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");

    fs::rename(own.join("remote-agent"), home.path().join("remote-agent")).unwrap();
    let output = home.try_git(&folder, &["commit", "--allow-empty", "--message", "two"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert!(home.take().is_empty());

    let path = format!("{}:{}", home.path().display(), std::env::var("PATH").unwrap());
    home.set("PATH", &path);
    home.git(&folder, &["commit", "--quiet", "--allow-empty", "--message", "three"]);
    home.take_one("git.commit");
}

#[test]
fn an_empty_path_as_graphical_programs_have_it_is_enough() {
    let mut home = Home::new();
    let folder = home.plain_repository("r");
    home.git(home.path(), &["init", "--quiet", "--bare", "up.git"]);
    home.git(&folder, &["remote", "add", "origin", "../up.git"]);
    script(&folder.join(".git/hooks/pre-push"), "#!/bin/sh\nread line && [ -n \"$line\" ]\n");
    install(&home, &folder);
    let git = home.shell(&folder, "command -v git").stdout;
    let git = String::from_utf8(git).unwrap();
    home.set("PATH", "/nowhere");
    let output = home.shell(
        &folder,
        &format!("{0} commit -q --allow-empty -m one && {0} push -q origin main", git.trim()),
    );
    assert!(output.status.success(), "{output:?}");
    let kinds: Vec<_> = home.take().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, ["git.commit", "git.push"], "{:?}", home.problem());
}

#[test]
fn the_folder_that_git_uses_is_the_one_that_is_changed() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    home.commit(&folder, "a", "1\n", "one");
    home.git(&folder, &["worktree", "add", "--quiet", "../side"]);
    // From a linked work tree, and from below its top.
    let below = home.path().join("side/below");
    fs::create_dir(&below).unwrap();
    install(&home, &below);
    assert!(folder.join(".git/hooks/post-commit").exists());
    home.commit(&folder, "a", "2\n", "two");
    home.take_one("git.commit");
    uninstall(&home, &folder);

    // A folder inside the repository's own.
    home.git(&folder, &["config", "core.hooksPath", ".git/my-hooks"]);
    install(&home, &folder);
    assert!(folder.join(".git/my-hooks/post-commit").exists());
    home.commit(&folder, "a", "3\n", "three");
    home.take_one("git.commit");
    uninstall(&home, &folder);
    assert!(!folder.join(".git/my-hooks").exists());

    // A bare repository, named from elsewhere.
    home.git(home.path(), &["init", "--quiet", "--bare", "bare.git"]);
    home.run(home.path(), &["hook", "git", "install", "bare.git"]);
    assert!(home.path().join("bare.git/hooks/pre-push").exists());
    home.run(home.path(), &["hook", "git", "uninstall", "bare.git"]);

    let output = home.try_run(home.path(), &["hook", "git", "install"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("not a git repository"));
}

#[test]
fn a_repository_that_is_named_is_the_one_that_is_changed() {
    let mut home = Home::new();
    let (named, other) = (home.plain_repository("named"), home.plain_repository("other"));
    home.set("GIT_DIR", other.join(".git").to_str().unwrap());
    home.set("GIT_WORK_TREE", other.to_str().unwrap());
    home.run(home.path(), &["hook", "git", "install", "named"]);
    assert!(named.join(".git/hooks/post-commit").exists());
    assert!(!other.join(".git/hooks").exists());
    home.run(home.path(), &["hook", "git", "uninstall", "named"]);
    assert!(!named.join(".git/hooks").exists());
}

#[test]
fn a_path_may_have_line_breaks_and_bytes_that_are_no_text() {
    let home = Home::new();
    for name in [b"a\nb".as_slice(), b"c\xff d"] {
        let folder = home.path().join(OsStr::from_bytes(name));
        fs::create_dir(&folder).unwrap();
        home.git(&folder, &["init", "--quiet", "--template=", "."]);
        script(&folder.join(".git/hooks/post-merge"), "#!/bin/sh\nexit 0\n");
        let before = snapshot(&folder);
        install(&home, &folder);
        home.git(&folder, &["commit", "--quiet", "--allow-empty", "--message", "one"]);
        home.take_one("git.commit");
        uninstall(&home, &folder);
        for (path, file) in before {
            assert_eq!(snapshot(&folder).get(&path), Some(&file), "{path:?}");
        }
    }
}
