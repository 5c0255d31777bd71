//! Hooks of others: managers, dispatchers, folders under version control.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::home::{Home, script, snapshot};

fn install(home: &Home, folder: &Path) -> String {
    home.run(folder, &["hook", "git", "install"])
}

fn uninstall(home: &Home, folder: &Path) -> String {
    home.run(folder, &["hook", "git", "uninstall"])
}

#[test]
fn a_hook_that_came_in_the_place_of_ours_keeps_it() {
    let home = Home::new();
    let folder = home.repository("r");
    let hook = folder.join(".git/hooks/post-commit");
    let log = home.path().join("log");
    script(&hook, &format!("#!/bin/sh\necho ran >>'{}'\n", log.display()));
    install(&home, &folder);
    assert!(!folder.join(".git/hooks/pre-push").exists());
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");
    uninstall(&home, &folder);
    home.commit(&folder, "a", "2\n", "two");
    assert!(home.take().is_empty());
    assert_eq!(fs::read_to_string(&log).unwrap(), "ran\nran\n");
}

#[test]
fn one_program_under_many_names_still_knows_which_one_it_is() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    home.git(home.path(), &["init", "--quiet", "--bare", "up.git"]);
    home.git(&folder, &["remote", "add", "origin", "../up.git"]);
    let hooks = folder.join(".git/hooks");
    let all = "#!/bin/sh\ncase $(basename \"$0\") in pre-push|post-commit) exit 0 ;; *) exit 1 ;; esac\n";
    script(&hooks.join("dispatch"), all);
    for name in ["pre-push", "post-commit"] {
        symlink("dispatch", hooks.join(name)).unwrap();
    }
    install(&home, &folder);
    home.commit(&folder, "a", "1\n", "one");
    home.git(&folder, &["push", "--quiet", "origin", "main"]);
    let kinds: Vec<_> = home.take().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, ["git.commit", "git.push"]);
}

#[test]
fn a_hooks_folder_that_is_a_link_into_the_work_tree_is_not_written_to() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    script(&folder.join("githooks/pre-commit"), "#!/bin/sh\nexit 0\n");
    symlink("../githooks", folder.join(".git/hooks")).unwrap();
    home.git(&folder, &["add", "."]);
    home.git(&folder, &["commit", "--quiet", "--message", "hooks"]);
    install(&home, &folder);
    assert_eq!(home.git(&folder, &["status", "--porcelain"]), "");
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");
    script(&folder.join("githooks/pre-commit"), "#!/bin/sh\nexit 1\n");
    assert!(!home.try_git(&folder, &["commit", "--allow-empty", "--message", "no"]).status.success());
    uninstall(&home, &folder);
    assert!(!folder.join(".git/remote-agent-hooks").exists());
}

#[test]
fn hooks_under_version_control_are_called_from_ours_and_not_touched() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    let log = home.path().join("log");
    // As husky does: generated files that call those under version control, found by the hook's own name.
    let shim =
        "#!/bin/sh\nname=$(basename \"$0\")\nexec sh \"$(dirname \"$(dirname \"$0\")\")/$name\" \"$@\"\n";
    for hook in ["post-commit", "pre-commit"] {
        script(&folder.join(".husky/_").join(hook), shim);
        fs::write(folder.join(".husky").join(hook), format!("echo {hook} >>'{}'\n", log.display())).unwrap();
    }
    home.git(&folder, &["config", "core.hooksPath", ".husky/_"]);
    let husky = snapshot(&folder.join(".husky"));
    let config = fs::read(folder.join(".git/config")).unwrap();
    let told = install(&home, &folder);
    assert!(told.contains(".husky/_ run as before"), "{told}");
    assert!(install(&home, &folder).contains("Already so"));
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");
    assert_eq!(fs::read_to_string(&log).unwrap(), "pre-commit\npost-commit\n");
    assert_eq!(snapshot(&folder.join(".husky")), husky);

    uninstall(&home, &folder);
    assert_eq!(fs::read(folder.join(".git/config")).unwrap(), config);
    assert!(!folder.join(".git/remote-agent-hooks").exists());
    home.commit(&folder, "a", "2\n", "two");
    assert!(home.take().is_empty());
}

#[test]
fn a_setting_that_a_hook_manager_took_back_stays_and_one_that_changed_beside_it_too() {
    let home = Home::new();
    let folder = home.plain_repository("r");
    home.git(&folder, &["config", "core.hooksPath", ".husky"]);
    install(&home, &folder);
    home.git(&folder, &["config", "user.name", "Grace"]);
    uninstall(&home, &folder);
    assert_eq!(home.git(&folder, &["config", "core.hooksPath"]), ".husky");
    assert_eq!(home.git(&folder, &["config", "user.name"]), "Grace");

    install(&home, &folder);
    home.git(&folder, &["config", "core.hooksPath", ".other"]);
    uninstall(&home, &folder);
    assert_eq!(home.git(&folder, &["config", "core.hooksPath"]), ".other");
    assert!(!folder.join(".git/remote-agent-hooks").exists());
}

#[test]
fn a_hook_manager_that_keeps_ours_as_its_legacy_runs_nothing_twice() {
    let home = Home::new();
    let folder = home.repository("r");
    let (hooks, log) = (folder.join(".git/hooks"), home.path().join("log"));
    // As pre-commit does: it moves what is there to `.legacy`, and calls that.
    let manager = format!(
        "#!/bin/sh\n# pre-commit\necho ran >>'{}'\nlegacy=.git/hooks/post-commit.legacy\n[ ! -x $legacy ] || $legacy \"$@\"\n",
        log.display()
    );
    fs::rename(hooks.join("post-commit"), hooks.join("post-commit.legacy")).unwrap();
    script(&hooks.join("post-commit"), &manager);
    home.commit(&folder, "a", "1\n", "one");
    home.take_one("git.commit");
    assert!(install(&home, &folder).contains("pre-commit's"));
    home.commit(&folder, "a", "2\n", "two");
    // The one that it kept was taken away as our others came elsewhere.
    home.take_one("git.commit");
    assert!(!hooks.join("post-commit.legacy").exists());
    home.commit(&folder, "a", "3\n", "three");
    home.take_one("git.commit");
    assert_eq!(fs::read_to_string(log).unwrap(), "ran\nran\nran\n");
}

#[test]
fn a_program_that_a_repository_names_for_its_index_is_not_run_by_us() {
    let home = Home::new();
    let folder = home.repository("r");
    let log = home.path().join("log");
    script(&home.path().join("monitor"), &format!("#!/bin/sh\necho ran >>'{}'\nexit 1\n", log.display()));
    home.commit(&folder, "a", "1\n", "one");
    home.take();
    home.git(&folder, &["config", "core.fsmonitor", home.path().join("monitor").to_str().unwrap()]);
    let arguments = ["hook", "git", "run", "post-commit"];
    home.run(&folder, &arguments);
    home.take_one("git.commit");
    assert!(!log.exists());
}

#[test]
fn scripts_of_another_version_are_brought_up_to_date_and_taken_away() {
    let home = Home::new();
    let folder = home.repository("r");
    let hooks = folder.join(".git/hooks");
    let text = fs::read_to_string(hooks.join("post-commit")).unwrap();
    let mark = text.lines().nth(1).unwrap().rsplit_once(' ').unwrap().0.to_owned();
    let digest = home.shell(&folder, "printf 'exit 0\\n' | sha256sum | cut -c1-16").stdout;
    let older = format!("#!/bin/sh\n{mark} {}exit 0\n", String::from_utf8(digest).unwrap());
    script(&hooks.join("post-commit"), &older);
    install(&home, &folder);
    assert_eq!(fs::read_to_string(hooks.join("post-commit")).unwrap(), text);
    script(&hooks.join("post-commit"), &older);
    uninstall(&home, &folder);
    assert!(!hooks.exists());
}
