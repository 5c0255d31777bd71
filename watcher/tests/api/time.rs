//! What time alone changes, and what runs beside a sidecar.

use std::collections::BTreeMap;
use std::fs;

use chrono::Utc;
use fake_github::NewRelease;

use crate::helpers::{REPO, github, settings, spawn};
use crate::program;

#[tokio::test]
async fn a_version_that_ripens_is_told_to_those_who_listen_without_anybody_asking() {
    let fake = github(&["v1.2.3"]).await;
    let now = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    fake.repo(REPO).release(NewRelease::new("v1.3.0").published(&now));
    let app = spawn(&fake, &[("MIN_AGE", "3s")]).await;
    assert_eq!(app.version().await.update_available, Some(false));
    let asked = fake.count_all();
    let mut stream = app.open("/api/stream").await;
    let mut heard = String::new();
    while !heard.contains("\"updateAvailable\":true") {
        let chunk = tokio::time::timeout(std::time::Duration::from_secs(10), stream.chunk()).await;
        let chunk = chunk.unwrap_or_else(|_| panic!("never came; heard {heard}"));
        heard.push_str(&String::from_utf8_lossy(&chunk.unwrap().expect("the stream goes on")));
    }
    assert_eq!(fake.count_all(), asked, "upstream is not asked for that");
}

#[tokio::test]
async fn a_check_by_hand_leaves_what_a_sidecar_knows_alone_and_spends_from_its_budget() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().to_str().unwrap();
    let app = spawn(&fake, &[("STATE_DIR", state_dir), ("HOURLY_BUDGET", "5")]).await;
    assert_eq!(app.version().await.current.as_deref(), Some("1.2.3"));
    let kept = || fs::read(folder.path().join("targets/app.json")).unwrap();
    let before = kept();
    let mut environment: BTreeMap<String, String> = settings(&fake).into_iter().collect();
    environment.insert("SIDEWATCH_STATE_DIR".into(), state_dir.into());
    environment.insert("SIDEWATCH_HOURLY_BUDGET".into(), "5".into());
    let ended = program::run(&["check", "--current", "1.0.0"], &environment).await;
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(kept(), before);
    let asked = fake.count_all();
    app.force().await;
    assert!(fake.count_all() <= asked.max(5), "two rounds of two and one request more are the whole budget");
}
