//! State files that are cut, garbage, of another time, or cannot be written.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::{TimeDelta, Utc};
use contract::Status;
use fake_github::{Door, FakeGithub};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bench::{Program, eventually};
use crate::helpers::{github, settings};

const TARGET: &str = "targets/app.json";
const LEDGER: &str = "ledger.json";

fn kept(fake: &FakeGithub, folder: &Path) -> HashMap<String, String> {
    let mut environment = settings(fake);
    environment.insert("SIDEWATCH_STATE_DIR".into(), folder.to_str().expect("a path").into());
    environment
}

/// A folder with the state of a watcher that has run.
async fn used(fake: &FakeGithub) -> (TempDir, HashMap<String, String>) {
    let folder = TempDir::new().expect("a folder");
    let environment = kept(fake, folder.path());
    let mut program = Program::start(&environment).await;
    assert_eq!(program.app.version().await.status, Status::Ok);
    program.signal("TERM");
    assert!(program.ended().await.success());
    (folder, environment)
}

fn is_json(path: &Path) -> bool {
    fs::read(path).is_ok_and(|text| serde_json::from_slice::<Value>(&text).is_ok())
}

/// Starts on the folder as it is: it must warn so often, answer, and end well.
async fn starts_with_warnings(environment: &HashMap<String, String>, warnings: usize, what: &str) {
    let mut program = Program::start(environment).await;
    let state = program.app.wait_until("an answer", |state| state.latest.is_some()).await;
    assert_eq!(state.status, Status::Ok, "{what}");
    program.app.force().await;
    let lines = program.lines_with("WARN");
    assert_eq!(lines.len(), warnings, "{what}: {lines:#?}");
    program.signal("TERM");
    assert!(program.ended().await.success(), "{what}");
}

/// W-31.
#[tokio::test]
async fn a_damaged_state_file_is_one_warning_and_written_anew() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    for file in [TARGET, LEDGER] {
        let (folder, environment) = used(&fake).await;
        let path = folder.path().join(file);
        let whole = fs::read(&path).expect("a file");
        let damaged: [(&str, Vec<u8>); 6] = [
            ("cut", whole[..whole.len() / 2].to_vec()),
            ("empty", Vec::new()),
            ("garbage", vec![0xff, 0x00, 0x1b, b'[', b'2', b'J', b'\n', 0xfe]),
            ("another kind", b"[1,2,3]".to_vec()),
            ("deep", b"[".repeat(200_000)),
            ("lines", b"\"a\nWARN forged\n".to_vec()),
        ];
        for (what, bytes) in damaged {
            fs::write(&path, bytes).expect("damage it");
            starts_with_warnings(&environment, 1, &format!("{file} {what}")).await;
            assert!(is_json(&path), "{file} {what}");
        }
    }
}

/// W-31.
#[tokio::test]
async fn a_state_file_of_another_layout_is_one_warning_and_written_anew() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (folder, environment) = used(&fake).await;
    let path = folder.path().join(TARGET);
    let mut saved: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    saved["format"] = json!(999);
    fs::write(&path, saved.to_string()).unwrap();
    starts_with_warnings(&environment, 1, "another layout").await;
    let saved: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_ne!(saved["format"], json!(999));
}

/// W-31.
#[tokio::test]
async fn a_folder_that_cannot_be_used_is_one_warning() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    for (path, what) in [(file.clone(), "a file"), (file.join("below"), "below a file")] {
        starts_with_warnings(&kept(&fake, &path), 1, what).await;
    }
}

/// W-31: as after a restore or a change of user.
#[tokio::test]
async fn a_folder_of_another_owner_is_one_warning() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (folder, environment) = used(&fake).await;
    for (mode, what) in [(0o500, "read-only"), (0o000, "closed")] {
        for path in [folder.path().join("targets"), folder.path().to_path_buf()] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let program = Program::start_as_nobody(&environment).await;
        assert_eq!(program.app.force().await.latest.as_deref(), Some("1.3.0"), "{what}");
        assert_eq!(program.lines_with("WARN").len(), 1, "{what}: {:#?}", program.lines());
        for path in [folder.path().to_path_buf(), folder.path().join("targets")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
        }
    }
}

/// W-31: it heals by itself.
#[tokio::test]
async fn a_folder_that_comes_back_is_written_again() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("state");
    let mut environment = kept(&fake, &folder);
    environment.insert("SIDEWATCH_HOURLY_BUDGET".into(), "100".into());
    let program = Program::start(&environment).await;
    program.app.version().await;
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    program.app.force().await;
    program.app.force().await;
    assert_eq!(program.lines_with("WARN").len(), 1, "{:#?}", program.lines());
    fs::remove_file(&folder).unwrap();
    program.app.force().await;
    eventually("both files", async || is_json(&folder.join(TARGET)) && is_json(&folder.join(LEDGER))).await;
    assert_eq!(program.lines_with("WARN").len(), 1, "{:#?}", program.lines());
}

/// W-31, W-29: times of a clock that was wrong, in what is kept.
#[tokio::test]
async fn saved_times_out_of_this_world_do_not_stop_the_checks() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let far = [
        (Utc::now() + TimeDelta::days(3650)).to_rfc3339(),
        "+262142-12-31T23:59:59Z".to_owned(),
        "-262143-01-01T00:00:00Z".to_owned(),
        "1970-01-01T00:00:00Z".to_owned(),
    ];
    for time in far {
        let (folder, environment) = used(&fake).await;
        let path = folder.path().join(TARGET);
        let mut saved: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for key in ["last_success", "last_attempt"] {
            saved["snapshot"][key] = json!(time);
        }
        saved["snapshot"]["failure"] = json!({ "code": "timeout", "message": "m", "since": time, "retry_at": time, "times": 4_000_000_000_u32 });
        fs::write(&path, saved.to_string()).unwrap();
        let program = Program::start(&environment).await;
        let state = program.app.version().await;
        assert_eq!(state.latest.as_deref(), Some("1.3.0"), "{time}");
        let next = state.next_check.expect("a next check") - Utc::now();
        assert!(next < TimeDelta::minutes(70), "{time}: in {next}");
        let state = program.app.force().await;
        assert!(state.forced && state.status == Status::Ok, "{time}: {state:?}");
        assert!(program.lines_with("panicked").is_empty(), "{:#?}", program.lines());
    }
}

/// I9, W-31: requests that a clock set back has put into the future still count, and stop counting.
#[tokio::test]
async fn a_ledger_from_the_future_neither_opens_nor_closes_the_budget() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let folder = TempDir::new().unwrap();
    let mut environment = kept(&fake, folder.path());
    environment.insert("SIDEWATCH_HOURLY_BUDGET".into(), "20".into());
    let minute = Utc::now().timestamp() / 60;
    let ahead = Utc::now() + TimeDelta::days(3650);
    let ledger = json!({
        "minutes": [[minute + 5_000_000, { "all": 15, "web": 0 }]],
        "rest_wait": { "until": ahead, "times": 3 },
        "allowance": { "limit": 60, "remaining": 60, "reset": ahead },
    });
    fs::write(folder.path().join(LEDGER), ledger.to_string()).unwrap();
    let program = Program::start(&environment).await;
    assert_eq!(program.app.version().await.status, Status::Ok, "a wait of years is not believed");
    for _ in 0..20 {
        program.app.force().await;
    }
    let sent = fake.count(Door::Api) + fake.count(Door::Web);
    assert!((1..=5).contains(&sent), "{sent} sent, 15 of 20 were spent");
}
