//! What the hooks of git tell.

use std::fs;

use serde_json::{Value, json};

use crate::home::Home;

#[test]
fn a_commit_tells_what_was_committed_and_where() {
    let home = Home::new();
    let folder = home.repository("garden");
    home.git(&folder, &["remote", "add", "origin", "https://ada:SECRET@example.org/garden.git?token=SECRET"]);
    let first = home.commit(&folder, "a", "1\n2\n", "Plant ☘ \u{1b}[31mred");
    let second = home.commit(&folder, "a", "2\n3\n4\n", "Water\n\nLong text");
    let taken = home.take();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0]["type"], "git.commit");
    assert_eq!(taken[0]["workspace"], "garden");
    assert_eq!(taken[0]["sessionId"], Value::Null);
    assert_eq!(
        taken[0]["data"],
        json!({
            "repository": "https://example.org/garden.git", "branch": "main", "sha": first, "parents": [],
            "subject": "Plant ☘ \u{1b}[31mred", "additions": 2, "deletions": 0,
        })
    );
    assert_eq!(
        taken[1]["data"],
        json!({
            "repository": "https://example.org/garden.git", "branch": "main", "sha": second,
            "parents": [first], "subject": "Water", "additions": 2, "deletions": 1,
        })
    );
    assert_eq!(home.problem(), None);
}

#[test]
fn an_amended_commit_names_the_one_that_it_replaces() {
    let home = Home::new();
    let folder = home.repository("r");
    let first = home.commit(&folder, "a", "1\n", "one");
    home.take();
    home.git(&folder, &["commit", "--quiet", "--amend", "--message", "two"]);
    let data = home.take_one("git.commit")["data"].clone();
    assert_eq!(
        (&data["amend"], &data["amended"], &data["subject"]),
        (&json!(true), &json!(first), &json!("two"))
    );
}

#[test]
fn a_rebase_tells_its_commits_on_their_branch_and_no_checkout() {
    let home = Home::new();
    let folder = home.repository("r");
    home.commit(&folder, "a", "1\n", "base");
    home.git(&folder, &["checkout", "--quiet", "-b", "topic"]);
    for name in ["x", "y", "z"] {
        home.commit(&folder, name, "1\n", name);
    }
    home.git(&folder, &["checkout", "--quiet", "main"]);
    home.commit(&folder, "b", "1\n", "main goes on");
    home.git(&folder, &["checkout", "--quiet", "topic"]);
    home.take();
    home.git(&folder, &["rebase", "--quiet", "main"]);
    let taken = home.take();
    let told: Vec<_> = taken
        .iter()
        .map(|event| (event["data"]["subject"].as_str(), event["data"]["branch"].as_str()))
        .collect();
    assert_eq!(told, [(Some("x"), Some("topic")), (Some("y"), Some("topic")), (Some("z"), Some("topic"))]);
    assert!(taken.iter().all(|event| event["type"] == "git.commit" && event["data"]["by"] == "rebase"));
}

#[test]
fn merges_tell_how_they_were_made() {
    let home = Home::new();
    let folder = home.repository("r");
    let base = home.commit(&folder, "a", "1\n", "base");
    home.git(&folder, &["checkout", "--quiet", "-b", "topic"]);
    let tip = home.commit(&folder, "b", "1\n", "tip");
    home.git(&folder, &["checkout", "--quiet", "main"]);
    home.take();

    home.git(&folder, &["merge", "--quiet", "topic"]);
    let data = home.take_one("git.merge")["data"].clone();
    assert_eq!(data["fastForward"], true);
    assert_eq!((&data["from"], &data["sha"]), (&json!(base), &json!(tip)));

    home.git(&folder, &["reset", "--quiet", "--hard", &base]);
    home.git(&folder, &["merge", "--quiet", "--no-ff", "--message", "Merge it", "topic"]);
    let data = home.take_one("git.merge")["data"].clone();
    assert_eq!((&data["fastForward"], &data["squash"]), (&json!(false), &json!(false)));
    assert_eq!((&data["subject"], &data["parents"]), (&json!("Merge it"), &json!([base, tip])));
    assert_eq!((&data["branch"], &data["additions"]), (&json!("main"), &Value::Null));

    home.git(&folder, &["reset", "--quiet", "--hard", &base]);
    home.git(&folder, &["merge", "--quiet", "--squash", "topic"]);
    let data = home.take_one("git.merge")["data"].clone();
    assert_eq!(
        (&data["squash"], &data["sha"], &data["fastForward"]),
        (&json!(true), &json!(base), &Value::Null)
    );
}

#[test]
fn only_a_switch_to_another_place_is_a_checkout() {
    let home = Home::new();
    let folder = home.repository("r");
    let first = home.commit(&folder, "a", "1\n", "one");
    let second = home.commit(&folder, "a", "2\n", "two");
    home.take();
    home.git(&folder, &["checkout", "--quiet", "-b", "topic"]);
    let data = home.take_one("git.checkout")["data"].clone();
    assert_eq!(
        (&data["fromBranch"], &data["branch"], &data["to"]),
        (&json!("main"), &json!("topic"), &json!(second))
    );

    for arguments in
        [["checkout", "--quiet", "topic"].as_slice(), &["checkout", "--quiet", "HEAD~1", "--", "a"]]
    {
        home.git(&folder, arguments);
        assert_eq!(home.take(), Vec::<Value>::new(), "{arguments:?}");
    }
    home.git(&folder, &["checkout", "--quiet", "--force", "--detach", "HEAD~1"]);
    let data = home.take_one("git.checkout")["data"].clone();
    assert_eq!((&data["from"], &data["to"], &data["branch"]), (&json!(second), &json!(first), &Value::Null));
}

#[test]
fn work_trees_submodules_and_odd_names_are_told_by_their_own_folders() {
    let home = Home::new();
    let inner = home.plain_repository("inner");
    home.commit(&inner, "a", "1\n", "inside");
    let folder = home.repository("ein ü'\"$ ordner");
    home.commit(&folder, "ü \"x\"", "1\n", "one");
    home.take();

    home.git(&folder, &["worktree", "add", "--quiet", "../next door", "-b", "side"]);
    // A new work tree is checked out, and comes from nowhere.
    let event = home.take_one("git.checkout");
    assert_eq!((&event["workspace"], &event["data"]["from"]), (&json!("next door"), &Value::Null));
    let side = home.path().join("next door");
    home.commit(&side, "b", "1\n", "beside");
    let event = home.take_one("git.commit");
    assert_eq!((&event["workspace"], &event["data"]["branch"]), (&json!("next door"), &json!("side")));

    home.git(&folder, &["submodule", "--quiet", "add", inner.to_str().unwrap(), "sub"]);
    let sub = folder.join("sub");
    home.run(&sub, &["hook", "git", "install"]);
    home.take();
    home.commit(&sub, "c", "1\n", "in the submodule");
    let event = home.take_one("git.commit");
    assert_eq!((&event["workspace"], &event["data"]["branch"]), (&json!("sub"), &json!("main")));
    assert_eq!(event["data"]["repository"], inner.to_str().unwrap());
    assert_eq!(home.problem(), None);
}

#[test]
fn a_hook_that_is_called_from_below_the_top_and_with_odd_variables_tells_the_same() {
    let mut home = Home::new();
    let folder = home.repository("r");
    let below = folder.join("a/b");
    fs::create_dir_all(&below).unwrap();
    for (name, value) in [("LC_ALL", "xx_YY"), ("GIT_TRACE", "0"), ("GIT_PAGER", "false"), ("PATH_INFO", "x")]
    {
        home.set(name, value);
    }
    home.set("GIT_DIR", folder.join(".git").to_str().unwrap());
    home.set("GIT_WORK_TREE", folder.to_str().unwrap());
    home.commit(&below, "x", "1\n", "below");
    let event = home.take_one("git.commit");
    assert_eq!((&event["workspace"], &event["data"]["additions"]), (&json!("r"), &json!(1)));
}

#[test]
fn nothing_that_somebody_configured_for_reading_logs_changes_what_is_told() {
    let home = Home::new();
    let folder = home.repository("r");
    for (key, value) in [
        ("log.showSignature", "true"),
        ("color.ui", "always"),
        ("format.pretty", "oneline"),
        ("diff.external", "false"),
        ("core.pager", "false"),
        ("log.date", "relative"),
        ("diff.noprefix", "true"),
    ] {
        home.git(&folder, &["config", key, value]);
    }
    let sha = home.commit(&folder, "a", "1\n", "one");
    let event = home.take_one("git.commit");
    assert_eq!((&event["data"]["sha"], &event["data"]["additions"]), (&json!(sha), &json!(1)));
}

#[test]
fn a_repository_can_be_left_out_and_named_otherwise() {
    let home = Home::new();
    let folder = home.repository("r");
    home.git(&folder, &["config", "remote-agent.enabled", "false"]);
    home.commit(&folder, "a", "1\n", "secret work");
    assert_eq!(home.take(), Vec::<Value>::new());
    home.git(&folder, &["config", "remote-agent.enabled", "true"]);
    home.git(&folder, &["config", "remote-agent.workspace", "the garden"]);
    home.commit(&folder, "a", "2\n", "open work");
    assert_eq!(home.take_one("git.commit")["workspace"], "the garden");
}

#[test]
fn inside_an_agents_session_the_event_belongs_to_it() {
    let mut home = Home::new();
    let folder = home.repository("r");
    home.set("CLAUDE_CODE_SESSION_ID", "6f1c2a52-5d0e-4c8e-9a3e-2f6f0f1f7f10");
    home.commit(&folder, "a", "1\n", "one");
    assert_eq!(home.take_one("git.commit")["sessionId"], "6f1c2a52-5d0e-4c8e-9a3e-2f6f0f1f7f10");
    home.set("CLAUDE_CODE_SESSION_ID", "../../x");
    home.commit(&folder, "a", "2\n", "two");
    assert_eq!(home.take_one("git.commit")["sessionId"], Value::Null);
}

#[test]
fn an_event_is_kept_although_the_settings_are_wrong_and_the_log_says_so() {
    let home = Home::new();
    let folder = home.repository("r");
    fs::create_dir_all(home.path().join(".config/remote-agent")).unwrap();
    fs::write(home.path().join(".config/remote-agent/config.toml"), "urll = 1\n").unwrap();
    let output = home.try_git(&folder, &["commit", "--allow-empty", "--message", "one"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    home.take_one("git.commit");
    assert!(home.problem().unwrap().contains("config.toml"));
}

#[test]
fn without_home_or_with_a_home_that_cannot_be_written_git_goes_on() {
    let mut home = Home::new();
    let folder = home.repository("r");
    home.git(&folder, &["config", "user.name", "Ada"]);
    home.git(&folder, &["config", "user.email", "ada@example.org"]);
    for elsewhere in ["", "/dev/null", "/proc/nowhere"] {
        home.set("HOME", elsewhere);
        let output = home.try_git(&folder, &["commit", "--allow-empty", "--message", "one"]);
        assert!(output.status.success() && output.stderr.is_empty(), "{elsewhere}: {output:?}");
    }
}
