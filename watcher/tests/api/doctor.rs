//! `sidewatch doctor`: each thing that keeps the checks from working is a named finding with a fix.

use std::collections::BTreeMap;

use fake_github::{Door, FakeGithub, Fault};
use serde_json::Value;

use crate::helpers::{REPO, github, settings};
use crate::program::{Ended, run};
use crate::stub::Stub;

/// Runs it as JSON with the usual settings and these.
async fn examine(fake: &FakeGithub, changes: &[(&str, &str)]) -> (Ended, Vec<Value>) {
    let ended = run(&["doctor", "--json"], &environment(fake, changes)).await;
    let findings = ended.json().as_array().expect("a list").clone();
    (ended, findings)
}

fn environment(fake: &FakeGithub, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<String, String> = settings(fake).into_iter().collect();
    environment.extend(changes.iter().map(|(key, value)| (format!("SIDEWATCH_{key}"), (*value).to_owned())));
    environment
}

fn finding<'a>(findings: &'a [Value], name: &str) -> &'a Value {
    let found = findings.iter().find(|finding| finding["name"] == name);
    found.unwrap_or_else(|| panic!("no finding {name}: {findings:#?}"))
}

/// The finding is there at this level, says this, and names a fix.
fn assert_finding(findings: &[Value], name: &str, level: &str, says: &str) {
    let found = finding(findings, name);
    assert_eq!(found["level"], level, "{findings:#?}");
    assert!(found["message"].as_str().unwrap().contains(says), "{found}");
    assert!(level == "ok" || found["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "{found}");
}

#[tokio::test]
async fn a_sound_installation_passes() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.accept_token("ghp_good");
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().to_str().unwrap();
    let (ended, findings) = examine(&fake, &[("STATE_DIR", state), ("GITHUB_TOKEN", "ghp_good")]).await;
    assert_eq!(ended.code, 0, "{findings:#?}");
    for name in ["state", "github", "clock", "token", "current", "check", "ipv6", "proxy"] {
        assert!(finding(&findings, name)["message"].is_string());
    }
    assert_finding(&findings, "token", "ok", "5000");
    assert_finding(&findings, "clock", "ok", "");
    assert_finding(&findings, "check", "ok", "1.3.0");
    assert!(!ended.stdout.contains("ghp_good"), "{}", ended.stdout);
}

#[tokio::test]
async fn a_refused_token_is_found() {
    let fake = github(&["v1.2.3"]).await;
    let (ended, findings) = examine(&fake, &[("GITHUB_TOKEN", "ghp_wrong")]).await;
    assert_eq!(ended.code, 1);
    assert_finding(&findings, "token", "failed", "refused");
    assert!(!ended.stdout.contains("ghp_wrong"), "{}", ended.stdout);
}

#[tokio::test]
async fn a_clock_that_is_off_is_found_in_both_directions() {
    let fake = github(&["v1.2.3"]).await;
    for (ahead, says) in [(3_600, "behind"), (-3_600, "ahead of")] {
        fake.heal().fault(Door::Api, Fault::WrongDate(ahead));
        let (ended, findings) = examine(&fake, &[]).await;
        assert_eq!(ended.code, 1);
        assert_finding(&findings, "clock", "failed", says);
    }
}

#[tokio::test]
async fn a_private_image_is_found() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.image("octo/app").index("v1.3.0", &["linux/amd64"]).private_at_token();
    let (_, findings) = examine(&fake, &[("IMAGE", "ghcr.io/octo/app"), ("PLATFORM", "linux/amd64")]).await;
    assert_finding(&findings, "registry", "warning", "login");
    fake.image("octo/app").public();
    let (_, findings) = examine(&fake, &[("IMAGE", "ghcr.io/octo/app"), ("PLATFORM", "linux/amd64")]).await;
    assert_finding(&findings, "registry", "ok", "");
}

#[tokio::test]
async fn a_registry_that_is_down_is_found() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.stop(Door::Registry).await;
    let (ended, findings) = examine(&fake, &[("IMAGE", "ghcr.io/octo/app")]).await;
    assert_eq!(ended.code, 1);
    assert_finding(&findings, "registry", "failed", "");
}

#[tokio::test]
async fn a_state_directory_that_cannot_be_written_is_found() {
    let fake = github(&["v1.2.3"]).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a-file");
    std::fs::write(&file, "no directory").unwrap();
    // Below a file nobody can write, not even root.
    let below = file.join("state");
    let (ended, findings) = examine(&fake, &[("STATE_DIR", below.to_str().unwrap())]).await;
    assert_eq!(ended.code, 1);
    assert_finding(&findings, "state", "failed", "a-file");
}

#[tokio::test]
async fn a_running_version_that_cannot_be_read_is_found() {
    let fake = github(&["v1.2.3"]).await;
    let stub = Stub::start("<html>").await;
    let (ended, findings) = examine(&fake, &[("CURRENT", ""), ("CURRENT_URL", &stub.url)]).await;
    assert_eq!(ended.code, 1);
    assert_finding(&findings, "current", "failed", "version");
    stub.answer(200, r#"{"version":"1.2.3"}"#);
    let (_, findings) = examine(&fake, &[("CURRENT", ""), ("CURRENT_URL", &stub.url)]).await;
    assert_finding(&findings, "current", "ok", "1.2.3");
    let (_, findings) = examine(&fake, &[("CURRENT", "")]).await;
    assert_finding(&findings, "current", "warning", "nothing tells");
}

#[tokio::test]
async fn a_repository_that_is_not_there_is_found() {
    let fake = FakeGithub::start().await;
    let (ended, findings) = examine(&fake, &[]).await;
    assert_eq!(ended.code, 1);
    assert_finding(&findings, "check", "failed", REPO);
}

#[tokio::test]
async fn an_upstream_that_is_away_is_found() {
    let fake = github(&["v1.2.3"]).await;
    fake.stop(Door::Api).await;
    fake.stop(Door::Web).await;
    let (ended, findings) = examine(&fake, &[]).await;
    assert_eq!(ended.code, 1);
    assert_finding(&findings, "github", "failed", "");
}

#[tokio::test]
async fn a_misspelt_variable_is_found() {
    let fake = github(&["v1.2.3"]).await;
    let (ended, findings) = examine(&fake, &[("CACHE_TLT", "4h")]).await;
    assert_eq!(ended.code, 0);
    assert_finding(&findings, "variables", "warning", "SIDEWATCH_CACHE_TLT");
}

#[tokio::test]
async fn people_read_findings_line_by_line() {
    let fake = github(&["v1.2.3"]).await;
    let ended = run(&["doctor"], &environment(&fake, &[("GITHUB_TOKEN", "ghp_wrong")])).await;
    assert_eq!(ended.code, 1);
    assert!(
        ended.stdout.lines().any(|line| line.starts_with("FAILED") && line.contains("token")),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains('→') && ended.stdout.contains("SIDEWATCH_GITHUB_TOKEN"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains('\u{1b}'));
}

#[tokio::test]
async fn switched_off_nothing_upstream_is_asked() {
    let fake = github(&["v1.2.3"]).await;
    let (ended, findings) = examine(&fake, &[("DISABLE_UPDATE_CHECK", "true")]).await;
    assert_eq!(ended.code, 0);
    assert_finding(&findings, "github", "warning", "switched off");
    assert_eq!(fake.count_all(), 0);
}

/// Runs it with these variables besides the usual ones.
async fn examine_with(fake: &FakeGithub, variables: &[(&str, &str)]) -> (Ended, Vec<Value>) {
    let mut environment = environment(fake, &[]);
    environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let ended = run(&["doctor", "--json"], &environment).await;
    let findings = ended.json().as_array().expect("a list").clone();
    (ended, findings)
}

#[tokio::test]
async fn a_proxy_is_named_without_its_password() {
    let fake = github(&["v1.2.3"]).await;
    let proxy = ("HTTPS_PROXY", "http://someone:hidden@proxy.example:3128");
    let (ended, findings) = examine_with(&fake, &[proxy]).await;
    assert_finding(&findings, "proxy", "ok", "HTTPS_PROXY");
    assert!(!ended.stdout.contains("hidden") && !ended.stderr.contains("hidden"), "{}", ended.stdout);
}

#[tokio::test]
async fn certificates_that_are_not_there_are_found() {
    let fake = github(&["v1.2.3"]).await;
    let (ended, findings) = examine_with(&fake, &[("SSL_CERT_FILE", "/nowhere/ca.pem")]).await;
    assert_eq!(ended.code, 1);
    assert_finding(&findings, "ca", "failed", "/nowhere/ca.pem");
}

#[tokio::test]
async fn an_allowance_that_is_spent_is_found() {
    let fake = github(&["v1.2.3"]).await;
    fake.set_remaining(0);
    let (_, findings) = examine(&fake, &[]).await;
    assert_finding(&findings, "token", "warning", "0 of 60");
}
