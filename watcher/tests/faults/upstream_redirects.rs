//! Where redirects lead, and where they must not.

use contract::{ErrorCode, Status};
use fake_github::{Door, FakeGithub, Fault};

use crate::bench::Program;
use crate::helpers::{REPO, github, settings, spawn};

/// A token that the fake accepts.
const TOKEN: &str = "ghp_canary0123456789canary";

/// W-11.
#[tokio::test]
async fn a_renamed_repository_is_followed_and_said_once() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.repo(REPO).rename_to("octo/renamed");
    let program = Program::start(&settings(&fake)).await;
    let state = program.app.version().await;
    assert_eq!((state.status, state.latest.as_deref()), (Status::Ok, Some("1.3.0")));
    assert_eq!(state.moved_to.as_deref(), Some("octo/renamed"));
    for _ in 0..3 {
        program.app.force().await;
    }
    assert_eq!(program.lines_with("moved to octo/renamed").len(), 1, "{:#?}", program.lines());
}

/// S-25, W-11.
#[tokio::test]
async fn a_redirect_leads_nowhere_but_the_configured_host() {
    let other = FakeGithub::start().await;
    other.repo(REPO).release(fake_github::NewRelease::new("v9.0.0"));
    let path = format!("/repos/{REPO}/releases");
    let hostile = [
        format!("{}{path}", other.api_url()),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://127.0.0.1:1/".to_owned(),
        "http://[::1]:1/".to_owned(),
        "http://localhost:1/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1:1/".to_owned(),
        format!("//{}{path}", other.api_url().trim_start_matches("http://")),
        "\\\\evil.example\\share".to_owned(),
    ];
    for place in hostile {
        for fault in [Fault::RedirectTo(place.clone()), Fault::MovedTo(place.clone())] {
            let fake = github(&["v1.3.0"]).await;
            fake.accept_token(TOKEN);
            fake.fault(Door::Api, fault.clone()).fault(Door::Web, fault.clone());
            let app = spawn(&fake, &[("GITHUB_TOKEN", TOKEN)]).await;
            let state = app.version().await;
            assert_eq!((state.status, state.latest), (Status::Unknown, None), "{place}");
            assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::HttpStatus), "{place}");
        }
    }
    assert_eq!(other.accepted_connections(Door::Api), 0, "nobody else is ever connected to");
}

/// S-25: of the two hosts that are configured, only the API gets the token.
#[tokio::test]
async fn the_token_never_leaves_the_api() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.accept_token(TOKEN);
    fake.image("octo/app").index("v1.3.0", &["linux/amd64", "linux/arm64"]);
    let changes = [("GITHUB_TOKEN", TOKEN), ("IMAGE", "ghcr.io/octo/app"), ("PLATFORM", "linux/amd64")];
    let app = spawn(&fake, &changes).await;
    assert_eq!(app.version().await.latest.as_deref(), Some("1.3.0"));
    // The other doors, too.
    fake.fault(Door::Api, Fault::Status(500));
    app.force().await;
    let holds_token = |call: &fake_github::Call| {
        call.headers.values().any(|value| value.to_str().is_ok_and(|value| value.contains(TOKEN)))
    };
    assert!(fake.calls_to(Door::Api).iter().all(holds_token));
    let elsewhere = [fake.calls_to(Door::Web), fake.calls_to(Door::Registry)].concat();
    assert!(elsewhere.len() >= 2 && !elsewhere.iter().any(holds_token));
}

/// W-11.
#[tokio::test]
async fn a_redirect_loop_ends_after_three_hops() {
    let fake = github(&["v1.3.0"]).await;
    fake.stop(Door::Web).await;
    fake.fault(Door::Api, Fault::RedirectLoop);
    let app = spawn(&fake, &[]).await;
    let state = app.version().await;
    assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::HttpStatus));
    assert!(fake.count(Door::Api) <= 4, "{}", fake.count(Door::Api));
}

/// S-16: what GitHub and an observer learn.
#[tokio::test]
async fn a_request_tells_nothing_of_the_installation() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[("NAME", "canary-installation"), ("CURRENT", "1.2.3-canary")]).await;
    app.version().await;
    fake.fault(Door::Api, Fault::Status(500));
    app.force().await;
    let allowed =
        ["accept", "accept-encoding", "host", "if-none-match", "user-agent", "x-github-api-version"];
    for call in fake.calls() {
        assert_eq!(call.header("user-agent"), Some("sidewatch/9.8.7"));
        let more = ["content-type", "content-length", "git-protocol"];
        for name in call.headers.keys().map(|name| name.as_str()) {
            assert!(allowed.contains(&name) || more.contains(&name), "{name} in {call:?}");
        }
        assert!(!format!("{call:?}").contains("canary"), "{call:?}");
    }
}
