//! `pre-push`: told, and never in the way.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::home::{Home, script};

/// A repository with hooks, a commit, and a bare one to push to.
fn pair(home: &Home) -> (PathBuf, PathBuf) {
    let folder = home.plain_repository("r");
    home.git(home.path(), &["init", "--quiet", "--bare", "up.git"]);
    home.git(&folder, &["remote", "add", "origin", "../up.git"]);
    home.commit(&folder, "a", "1\n", "one");
    (folder, home.path().join("up.git"))
}

fn install(home: &Home, folder: &Path) {
    home.run(folder, &["hook", "git", "install"]);
}

#[test]
fn a_push_tells_its_branches_and_how_many_commits_the_other_side_lacks() {
    let home = Home::new();
    let (folder, up) = pair(&home);
    install(&home, &folder);
    home.git(&folder, &["push", "--quiet", "origin", "main"]);
    let first = home.git(&folder, &["rev-parse", "HEAD"]);
    let data = home.take_one("git.push")["data"].clone();
    assert_eq!(
        data,
        json!({
            "repository": "../up.git", "remote": "origin", "branch": "main", "sha": first, "commits": 1,
            "refCount": 1,
            "refs": [{"ref": "refs/heads/main", "local": "refs/heads/main", "to": first, "delete": false}],
        })
    );
    for number in 2..5 {
        home.commit(&folder, "a", &format!("{number}\n"), "more");
    }
    home.take();
    home.git(&folder, &["push", "--quiet", "origin", "main:main", "main:other"]);
    let data = home.take_one("git.push")["data"].clone();
    assert_eq!((&data["commits"], &data["refCount"]), (&json!(3), &json!(2)));
    assert_eq!(data["refs"][0]["from"], first);

    home.git(&folder, &["push", "--quiet", "origin", ":other"]);
    let data = home.take_one("git.push")["data"].clone();
    assert_eq!((&data["refs"][0]["delete"], &data["sha"]), (&json!(true), &Value::Null));
    // Nothing to push is nothing to tell.
    home.git(&folder, &["push", "--quiet", "origin", "main"]);
    assert_eq!(home.take(), Vec::<Value>::new());
    assert_eq!(home.git(&up, &["for-each-ref", "--format=%(refname)"]), "refs/heads/main");
}

#[test]
fn a_push_to_an_address_tells_no_password() {
    let home = Home::new();
    let (folder, _) = pair(&home);
    install(&home, &folder);
    home.take();
    let address = "https://ada:SECRET@127.0.0.1:1/x.git";
    let line = format!("refs/heads/main {} refs/heads/main {}\n", "a".repeat(40), "0".repeat(40));
    let arguments = ["hook", "git", "run", "pre-push", address, address];
    let output = home.call_with(&folder, &arguments, line.as_bytes());
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
    let event = home.take_one("git.push");
    assert_eq!(event["data"]["remote"], "https://127.0.0.1:1/x.git");
    assert!(!event.to_string().contains("SECRET"));
}

#[test]
fn a_hook_that_was_there_gets_all_of_its_input_and_decides() {
    let home = Home::new();
    let (folder, up) = pair(&home);
    let log = home.path().join("log");
    let hook = folder.join(".git/hooks/pre-push");
    let text = format!("#!/bin/sh\n{{ echo \"$@\"; cat; }} >'{}'\nexit 3\n", log.display());
    script(&hook, &text);
    install(&home, &folder);
    home.take();
    let output = home.try_git(&folder, &["push", "--quiet", "origin", "main"]);
    assert!(!output.status.success());
    let sha = home.git(&folder, &["rev-parse", "HEAD"]);
    let zeros = "0".repeat(40);
    let given = format!("origin ../up.git\nrefs/heads/main {sha} refs/heads/main {zeros}\n");
    assert_eq!(fs::read_to_string(&log).unwrap(), given);
    // It was refused, so nothing was pushed and nothing is told.
    assert_eq!(home.take(), Vec::<Value>::new());
    assert_eq!(home.git(&up, &["for-each-ref"]), "");

    script(&hook, "#!/bin/sh\nexit 0\n");
    home.git(&folder, &["push", "--quiet", "origin", "main"]);
    assert_eq!(home.take_one("git.push")["data"]["sha"], sha);
}

#[test]
fn a_push_of_very_many_tags_passes_and_is_told_once() {
    let home = Home::new();
    let (folder, up) = pair(&home);
    // It reads nothing of what it is given.
    script(&folder.join(".git/hooks/pre-push"), "#!/bin/sh\nexit 0\n");
    install(&home, &folder);
    home.take();
    let sha = home.git(&folder, &["rev-parse", "HEAD"]);
    let tags: String =
        (0..3000).map(|number| format!("{sha} refs/tags/tag-with-a-long-name-{number}\n")).collect();
    fs::write(folder.join(".git/packed-refs"), tags).unwrap();
    home.git(&folder, &["push", "--quiet", "origin", "--tags"]);
    let data = home.take_one("git.push")["data"].clone();
    assert_eq!(data["refCount"], 3000);
    assert_eq!(data["refs"].as_array().unwrap().len(), 50);
    assert_eq!(home.git(&up, &["for-each-ref", "--count=1", "--format=%(objecttype)"]), "commit");
}
