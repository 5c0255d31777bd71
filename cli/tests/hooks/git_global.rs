//! Hooks for all repositories of a user.

use std::fs;

use crate::home::{Home, script, snapshot};

const INSTALL: [&str; 4] = ["hook", "git", "install", "--global"];
const UNINSTALL: [&str; 4] = ["hook", "git", "uninstall", "--global"];

#[test]
fn every_repository_tells_and_its_own_hooks_of_every_name_still_run() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    let log = home.path().join("log");
    for hook in
        ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "reference-transaction", "pre-push"]
    {
        let note = format!("#!/bin/sh\necho {hook} \"$1\" >>'{}'\n", log.display());
        script(&folder.join(".git/hooks").join(hook), &note);
    }
    script(&folder.join(".git/hooks/pre-rebase"), "#!/bin/sh\nexit 1\n");
    let told = home.run(&folder, &INSTALL);
    assert!(told.contains("own hooks run as before"), "{told}");
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");
    let ran = fs::read_to_string(&log).unwrap();
    for line in [
        "pre-commit \n",
        "prepare-commit-msg .git/COMMIT_EDITMSG\n",
        "commit-msg .git/COMMIT_EDITMSG\n",
        "post-commit \n",
        "reference-transaction committed\n",
    ] {
        assert!(ran.contains(line), "{line:?} in {ran}");
    }
    // A refusal is one.
    home.git(&folder, &["branch", "topic"]);
    assert!(!home.try_git(&folder, &["rebase", "--force-rebase", "topic"]).status.success());
    script(&folder.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 1\n");
    assert!(!home.try_git(&folder, &["commit", "--allow-empty", "--message", "no"]).status.success());

    // Work trees share the hooks of their repository.
    fs::remove_file(folder.join(".git/hooks/pre-commit")).unwrap();
    home.git(&folder, &["worktree", "add", "--quiet", "../side"]);
    home.take();
    fs::write(&log, "").unwrap();
    home.commit(&home.path().join("side"), "b", "1\n", "beside");
    assert_eq!(home.take_one("git.commit")["workspace"], "side");
    assert!(fs::read_to_string(&log).unwrap().contains("post-commit"));
    // One that comes later tells too, from its first moment.
    home.git(home.path(), &["clone", "--quiet", "r", "copy"]);
    let taken = home.take();
    assert_eq!(taken.last().unwrap()["workspace"], "copy", "{taken:?}");
}

#[test]
fn installing_twice_is_installing_once_and_the_settings_of_git_come_back_to_the_byte() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    let settings = home.path().join(".gitconfig");
    let odd = "# mine\n[user]\n  name=Ada ; really\n\temail = ada@example.org\n[Core]\n\teditor = true";
    fs::write(&settings, odd).unwrap();
    let before = snapshot(home.path());
    home.run(&folder, &INSTALL);
    let once = snapshot(home.path());
    assert!(home.run(&folder, &INSTALL).contains("Already so"));
    assert_eq!(snapshot(home.path()), once);
    assert!(home.run(&folder, &["hook", "git", "install"]).contains("Nothing to do"));
    assert_eq!(snapshot(home.path()), once);
    assert!(home.run(&folder, &["hook", "git", "uninstall"]).contains("--global"));
    home.run(&folder, &UNINSTALL);
    assert_eq!(snapshot(home.path()), before);
    assert!(home.run(&folder, &UNINSTALL).contains("nothing to remove"));

    // Without a file there is none afterwards; what changed in between stays.
    fs::remove_file(&settings).unwrap();
    home.run(&folder, &INSTALL);
    home.run(&folder, &UNINSTALL);
    assert!(!settings.exists());
    home.run(&folder, &INSTALL);
    home.git(&folder, &["config", "--global", "user.name", "Grace"]);
    home.run(&folder, &UNINSTALL);
    assert_eq!(home.git(&folder, &["config", "--global", "--list"]), "user.name=Grace");
}

#[test]
fn a_folder_of_hooks_that_was_configured_is_called_from_ours() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    let log = home.path().join("log");
    script(
        &home.path().join("my hooks/commit-msg"),
        &format!("#!/bin/sh\necho \"$1\" >'{}'\n", log.display()),
    );
    script(&folder.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 1\n");
    home.git(&folder, &["config", "--global", "core.hooksPath", "~/my hooks"]);
    let told = home.run(&folder, &INSTALL);
    assert!(told.contains("my hooks run as before"), "{told}");
    home.run(&folder, &INSTALL);
    // The repository's own did not run before, so they do not now.
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");
    assert_eq!(fs::read_to_string(log).unwrap(), ".git/COMMIT_EDITMSG\n");
    home.run(&folder, &UNINSTALL);
    assert_eq!(home.git(&folder, &["config", "--global", "core.hooksPath"]), "~/my hooks");
}

#[test]
fn hooks_that_are_configured_elsewhere_than_in_the_users_own_file_still_refuse() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    script(&home.path().join("corp/pre-commit"), "#!/bin/sh\nexit 1\n");
    let corp = home.path().join("corp");
    let setting = format!("[core]\n\thooksPath = {}\n", corp.display());
    let refuses = |home: &Home| {
        !home.try_git(&folder, &["commit", "--allow-empty", "--message", "no"]).status.success()
    };
    let plain = fs::read_to_string(home.path().join(".gitconfig")).unwrap();

    // A file that the user's own includes.
    fs::write(home.path().join("inc"), &setting).unwrap();
    fs::write(home.path().join(".gitconfig"), format!("[include]\n\tpath = inc\n{plain}")).unwrap();
    assert!(refuses(&home));
    let told = home.run(&folder, &INSTALL);
    assert!(told.contains("corp run as before"), "{told}");
    assert!(refuses(&home));
    home.run(&folder, &UNINSTALL);
    assert!(refuses(&home));

    // One that is included later, and so counts whatever we set.
    fs::write(
        home.path().join(".gitconfig"),
        format!("[core]\n\teditor = true\n{plain}[include]\n\tpath = inc\n"),
    )
    .unwrap();
    // Not even a file of somebody's that happens to be in our folder is lost by that.
    script(&home.path().join(".config/remote-agent/git-hooks/notes.txt"), "mine");
    let before = snapshot(home.path());
    let output = home.try_run(&folder, &INSTALL);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("/inc"));
    assert_eq!(snapshot(home.path()), before);
    assert!(refuses(&home));
    fs::remove_file(home.path().join(".config/remote-agent/git-hooks/notes.txt")).unwrap();

    // The other file of the user, which git reads and does not write while the first one is there.
    fs::write(home.path().join(".gitconfig"), &plain).unwrap();
    fs::create_dir_all(home.path().join(".config/git")).unwrap();
    fs::write(home.path().join(".config/git/config"), &setting).unwrap();
    home.run(&folder, &INSTALL);
    assert!(refuses(&home));
    home.run(&folder, &UNINSTALL);
    fs::remove_file(home.path().join(".config/git/config")).unwrap();
    assert!(!refuses(&home));
}

#[test]
fn hooks_of_the_system_still_refuse() {
    let mut home = Home::new();
    let folder = home.plain_repository("r");
    script(&home.path().join("corp/pre-commit"), "#!/bin/sh\nexit 1\n");
    let system = home.path().join("system");
    fs::write(&system, format!("[core]\n\thooksPath = {}\n", home.path().join("corp").display())).unwrap();
    home.set("GIT_CONFIG_NOSYSTEM", "0");
    home.set("GIT_CONFIG_SYSTEM", system.to_str().unwrap());
    let refuses = |home: &Home| {
        !home.try_git(&folder, &["commit", "--allow-empty", "--message", "no"]).status.success()
    };
    assert!(refuses(&home));
    home.run(&folder, &INSTALL);
    assert!(refuses(&home));
    home.run(&folder, &INSTALL);
    assert!(refuses(&home));
    // For one repository it is the same.
    home.run(&folder, &UNINSTALL);
    home.run(&folder, &["hook", "git", "install"]);
    assert!(refuses(&home));
}

#[test]
fn a_repository_that_has_our_hooks_already_tells_once() {
    let home = Home::new();
    let folder = home.repository("r");
    home.git(home.path(), &["init", "--quiet", "--bare", "up.git"]);
    home.git(&folder, &["remote", "add", "origin", "../up.git"]);
    home.run(&folder, &INSTALL);
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");
    home.git(&folder, &["push", "--quiet", "origin", "main"]);
    home.take_one("git.push");
    home.run(&folder, &UNINSTALL);
    home.commit(&folder, "a", "2\n", "two");
    home.take_one("git.commit");
}

#[test]
fn what_git_does_by_itself_where_there_is_no_hook_it_still_does() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    home.commit(&folder, "a", "1\n", "one");
    home.git(&folder, &["config", "receive.denyCurrentBranch", "updateInstead"]);
    home.git(home.path(), &["clone", "--quiet", "r", "copy"]);
    let copy = home.path().join("copy");
    home.run(&folder, &INSTALL);
    home.commit(&copy, "a", "2\n", "two");
    home.git(&copy, &["push", "--quiet", "origin", "main"]);
    assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "2\n");
    // Work that is not committed is not overwritten.
    fs::write(folder.join("a"), "mine\n").unwrap();
    home.commit(&copy, "a", "3\n", "three");
    assert!(!home.try_git(&copy, &["push", "--quiet", "origin", "main"]).status.success());
    assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "mine\n");
}

#[test]
fn files_of_others_in_our_folder_are_not_thrown_away() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    home.run(&folder, &INSTALL);
    let hooks = home.path().join(".config/remote-agent/git-hooks");
    script(&hooks.join("mine"), "#!/bin/sh\n");
    let before = snapshot(home.path());
    let output = home.try_run(&folder, &UNINSTALL);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("mine is not ours"));
    assert_eq!(snapshot(home.path()), before);
    fs::remove_file(hooks.join("mine")).unwrap();
    home.run(&folder, &UNINSTALL);
    assert!(!hooks.exists());
}

#[test]
fn a_program_that_is_gone_is_missed_by_no_repository() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    home.copy_program(&home.path().join("remote-agent"));
    assert!(home.shell(&folder, "\"$HOME/remote-agent\" hook git install --global").status.success());
    fs::remove_file(home.path().join("remote-agent")).unwrap();
    let output = home.try_git(&folder, &["commit", "--allow-empty", "--message", "one"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert!(home.take().is_empty());
}
