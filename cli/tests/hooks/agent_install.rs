//! Coming into the agent's settings, and out of them again.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use serde_json::Value;

use crate::agent_events::payload;
use crate::home::{Home, snapshot};

const INSTALL: [&str; 3] = ["hook", "claude-code", "install"];
const UNINSTALL: [&str; 3] = ["hook", "claude-code", "uninstall"];

/// Settings as somebody may have them: their order and their way of writing are theirs.
const MINE: &str = r#"{
    "zeta": 1.50,
    "permissions": { "allow": ["Bash(ls:*)"] },
    "hooks": {
        "PostToolUse": [
            {
                "matcher": "Edit|Write",
                "hooks": [ { "type": "command", "command": "fmt" } ]
            }
        ]
    },
    "alpha": [1,2,
        3]
}
"#;

fn settings(home: &Home) -> PathBuf {
    home.path().join(".claude/settings.json")
}

fn write(home: &Home, text: &str) -> PathBuf {
    let path = settings(home);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_command_in_the_settings_is_one_that_the_agents_shell_can_run() {
    let home = Home::new();
    let own = home.path().join("o'wn $bin");
    fs::create_dir(&own).unwrap();
    home.copy_program(&own.join("remote-agent"));
    assert!(
        home.shell(home.path(), "\"$HOME/o'wn \\$bin/remote-agent\" hook claude-code install")
            .status
            .success()
    );
    let text = fs::read_to_string(settings(&home)).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let command = all["hooks"]["SessionStart"][0]["hooks"][0]["command"].as_str().unwrap();
    fs::write(home.path().join("payload"), payload(&home, "session-start")).unwrap();
    let output = home.shell(home.path(), &format!("{{ {command}; }} <payload"));
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    home.take_one("session.start");
}

#[test]
fn everything_else_stays_as_it_is_and_taking_ours_out_leaves_the_file_to_the_byte() {
    let home = Home::new();
    let path = write(&home, MINE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let before = snapshot(home.path());
    home.run(home.path(), &INSTALL);
    let text = fs::read_to_string(&path).unwrap();
    for part in [
        "\"zeta\": 1.50,\n    \"permissions\": { \"allow\"",
        "\"alpha\": [1,2,\n        3]\n}\n",
        "\"matcher\": \"Edit|Write\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(path.with_extension("json.before-remote-agent")).unwrap(), MINE);
    let once = snapshot(home.path());
    assert!(home.run(home.path(), &INSTALL).contains("Already so"));
    assert_eq!(snapshot(home.path()), once);
    home.run(home.path(), &UNINSTALL);
    assert_eq!(snapshot(home.path()), before);
    assert!(home.run(home.path(), &UNINSTALL).contains("nothing to remove"));
}

#[test]
fn where_there_were_no_settings_there_are_none_afterwards() {
    let home = Home::new();
    home.run(home.path(), &INSTALL);
    assert!(settings(&home).exists());
    home.run(home.path(), &UNINSTALL);
    assert_eq!(snapshot(&home.path().join(".claude")).len(), 0);
}

#[test]
fn what_changed_in_between_stays() {
    let home = Home::new();
    let path = write(&home, MINE);
    home.run(home.path(), &INSTALL);
    let changed = fs::read_to_string(&path).unwrap().replace("1.50", "2.50");
    fs::write(&path, changed).unwrap();
    // Another choice takes the place of the first, and the copy is still of the time before.
    home.run(home.path(), &["hook", "claude-code", "install", "--private"]);
    assert!(fs::read_to_string(&path).unwrap().contains("run --private ||"));
    assert_eq!(fs::read_to_string(path.with_extension("json.before-remote-agent")).unwrap(), MINE);
    home.run(home.path(), &UNINSTALL);
    assert_eq!(fs::read_to_string(&path).unwrap(), MINE.replace("1.50", "2.50"));
}

#[test]
fn what_is_no_settings_is_refused_with_its_place_and_not_touched() {
    let home = Home::new();
    // Nothing yet is not wrong.
    write(&home, "\n");
    assert!(home.run(home.path(), &UNINSTALL).contains("nothing to remove"));
    for (text, reason) in [
        ("{\n  \"a\": 1,\n}\n", "line 3 column 1"),
        ("{\"hooks\": {\"SessionEnd\": \"x\"}}", "`hooks.SessionEnd`"),
        ("[1]", "top level"),
    ] {
        let path = write(&home, text);
        let output = home.try_run(home.path(), &INSTALL);
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(reason) && told.contains("settings.json"), "{told}");
        assert_eq!(told.matches(reason).count(), 1, "{told}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(snapshot(&home.path().join(".claude")).len(), 1);
    }
}

#[test]
fn a_link_to_settings_stays_one() {
    let home = Home::new();
    fs::create_dir_all(home.path().join(".claude")).unwrap();
    fs::create_dir(home.path().join("dotfiles")).unwrap();
    fs::write(home.path().join("dotfiles/claude.json"), MINE).unwrap();
    symlink("../dotfiles/claude.json", settings(&home)).unwrap();
    let before = snapshot(home.path());
    home.run(home.path(), &INSTALL);
    assert!(fs::symlink_metadata(settings(&home)).unwrap().is_symlink());
    assert!(
        fs::read_to_string(home.path().join("dotfiles/claude.json"))
            .unwrap()
            .contains("hook claude-code run")
    );
    home.run(home.path(), &UNINSTALL);
    assert_eq!(snapshot(home.path()), before);
    // One that leads to a file that is yet to be made.
    fs::remove_file(home.path().join("dotfiles/claude.json")).unwrap();
    let before = snapshot(home.path());
    home.run(home.path(), &INSTALL);
    assert!(home.path().join("dotfiles/claude.json").exists());
    home.run(home.path(), &UNINSTALL);
    assert_eq!(snapshot(home.path()), before);
}

#[test]
fn what_comes_with_a_repository_does_not_lead_out_of_it() {
    let home = Home::new();
    let victim = home.path().join("victim");
    fs::write(&victim, "mine").unwrap();
    let project = home.path().join("garden");
    let folder = project.join(".claude");
    let install = || home.try_run(&project, &["hook", "claude-code", "install", "--project", "."]);
    let refused = || {
        let output = install();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains("is a link"));
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    };
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("settings.local.json"), "{}").unwrap();
    symlink(&victim, folder.join("settings.local.json.before-remote-agent")).unwrap();
    refused();
    fs::remove_file(folder.join("settings.local.json.before-remote-agent")).unwrap();
    fs::remove_file(folder.join("settings.local.json")).unwrap();
    symlink(&victim, folder.join("settings.local.json")).unwrap();
    refused();
    fs::remove_dir_all(&folder).unwrap();
    symlink(home.path(), &folder).unwrap();
    refused();
    fs::remove_file(&folder).unwrap();
    assert!(install().status.success());
}

#[test]
fn what_a_killed_run_left_beside_the_settings_goes_with_the_next_one() {
    let home = Home::new();
    let path = write(&home, MINE);
    let before = snapshot(home.path());
    for verb in [INSTALL, UNINSTALL, UNINSTALL] {
        for left in [".settings.json.remote-agent-77", ".settings.json.before-remote-agent.remote-agent-77"] {
            fs::write(path.with_file_name(left), "{}").unwrap();
        }
        home.run(home.path(), &verb);
    }
    assert_eq!(snapshot(home.path()), before);
    // A copy that came before the settings were written.
    fs::write(path.with_file_name("settings.json.before-remote-agent"), MINE).unwrap();
    home.run(home.path(), &UNINSTALL);
    assert_eq!(snapshot(home.path()), before);
}

#[test]
fn settings_that_were_an_empty_file_are_one_again() {
    let home = Home::new();
    write(&home, "");
    let before = snapshot(home.path());
    home.run(home.path(), &INSTALL);
    home.run(home.path(), &UNINSTALL);
    assert_eq!(snapshot(home.path()), before);
}

#[test]
fn the_settings_are_where_the_agent_looks_for_them() {
    let mut home = Home::new();
    let project = home.path().join("garden");
    fs::create_dir(&project).unwrap();
    home.run(&project, &["hook", "claude-code", "install", "--project", "."]);
    assert!(project.join(".claude/settings.local.json").exists());
    assert!(!settings(&home).exists());
    home.run(&project, &["hook", "claude-code", "uninstall", "--project", "."]);

    let elsewhere = home.path().join("else where");
    home.set("CLAUDE_CONFIG_DIR", elsewhere.to_str().unwrap());
    home.run(&project, &INSTALL);
    assert!(elsewhere.join("settings.json").exists());
    let output = home.try_run(&project, &["hook", "claude-code", "install", "--project", "missing"]);
    assert_eq!(output.status.code(), Some(1));
    fs::write(elsewhere.join("settings.json"), "{\"disableAllHooks\": true}").unwrap();
    assert!(home.run(&project, &INSTALL).contains("disableAllHooks"));
}
