//! The other doors: what is asked when REST does not answer, and what each cannot know.

use std::time::Duration;

use contract::{Comparison, ErrorCode, Status, Via};
use fake_github::{Door, Fault, NewCommit, NewRelease};

use crate::helpers::{REPO, github, spawn};

const LATEST: &str = "/octo/app/releases/latest";
const FEED: &str = "/octo/app/releases.atom";
const HOUR: Duration = Duration::from_secs(3600);

/// A back-port published later takes GitHub's latest mark; the redirect shows only that.
#[tokio::test]
async fn a_redirect_that_shows_nothing_newer_is_not_taken_for_up_to_date() {
    let fake = github(&["v1.4.2", "v1.5.0"]).await;
    fake.repo(REPO).mark_latest("v1.4.2");
    fake.fault(Door::Api, Fault::Status(503));
    let app = spawn(&fake, &[("CURRENT", "1.4.2")]).await;
    let state = app.version().await;
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.5.0"), Some(true)));
    assert_eq!(state.via, Some(Via::Atom));
}

#[tokio::test]
async fn without_allowance_the_redirect_tells_the_latest() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::PrimaryLimit { reset_in: HOUR });
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    assert_eq!((state.via, state.status), (Some(Via::Redirect), Status::Ok));
    assert_eq!(state.release_url, Some(format!("{}/{REPO}/releases/tag/v1.3.0", fake.web_url())));
}

#[tokio::test]
async fn what_the_redirect_cannot_know_is_null() {
    let fake = github(&["v1.2.3", "v1.2.4", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(503));
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let told = app.get("/api/version").await.json();
    assert_eq!(told["via"], "redirect");
    for key in ["releaseNotes", "releaseNotesHtml", "publishedAt"] {
        assert!(told[key].is_null(), "{key}: {}", told[key]);
    }
    assert!(told["behind"]["releases"].is_null() && told["behind"]["days"].is_null(), "{}", told["behind"]);
    assert!(told["security"]["affected"].is_null(), "{}", told["security"]);
    let log = app.get("/api/changelog").await.json();
    assert_eq!(log["complete"], false);
}

#[tokio::test]
async fn a_good_answer_by_another_door_stands_beside_the_first_doors_error() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::PrimaryLimit { reset_in: HOUR });
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!(state.status, Status::Ok);
    let error = state.error.unwrap();
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert!(error.retry_at.is_some());
}

#[tokio::test]
async fn where_the_redirect_is_of_no_use_the_feed_tells() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(502)).fault_on(Door::Web, LATEST, Fault::Status(500));
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.via), (Some("1.3.0"), Some(Via::Atom)));
    assert_eq!(state.release_notes, None);
    assert!(state.release_notes_html.unwrap().contains("Feature of v1.3.0"));
    assert!(state.published_at.is_some());
    assert_eq!((state.behind.releases, state.security.affected), (None, None));
}

#[tokio::test]
async fn the_feed_tells_a_pre_release_channel_which_the_redirect_cannot() {
    let fake = github(&["v1.2.3", "v1.4.0-rc.1"]).await;
    fake.fault(Door::Api, Fault::Status(502));
    let state = spawn(&fake, &[("CHANNEL", "prerelease")]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.via), (Some("1.4.0-rc.1"), Some(Via::Atom)));
}

#[tokio::test]
async fn a_back_port_marked_latest_does_not_hide_what_is_on_the_line() {
    let fake = github(&["v1.2.3", "v1.9.0", "v2.0.0"]).await;
    fake.fault(Door::Api, Fault::Status(502));
    let state = spawn(&fake, &[("LINE", "^1")]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.via), (Some("1.9.0"), Some(Via::Atom)));
}

#[tokio::test]
async fn where_the_site_shows_no_pages_git_tells() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(502));
    fake.fault_on(Door::Web, LATEST, Fault::Html).fault_on(Door::Web, FEED, Fault::Html);
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.via), (Some("1.3.0"), Some(Via::Git)));
    assert_eq!((state.release_notes, state.release_notes_html, state.published_at), (None, None, None));
    assert_eq!((state.behind.days, state.security.affected), (None, None));
}

#[tokio::test]
async fn git_tells_in_its_old_protocol_too() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.repo(REPO).git_v1_only();
    fake.fault(Door::Api, Fault::Status(502));
    fake.fault_on(Door::Web, "/octo/app/releases", Fault::Status(404));
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.via), (Some("1.3.0"), Some(Via::Git)));
}

#[tokio::test]
async fn with_every_door_closed_nothing_is_invented() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(502)).fault(Door::Web, Fault::Status(502));
    let state = spawn(&fake, &[]).await.version().await;
    assert_eq!((state.status, state.update_available, state.latest), (Status::Unknown, None, None));
    assert_eq!((state.via, state.last_checked), (None, None));
    assert_eq!(state.error.unwrap().code, ErrorCode::HttpStatus);
    assert!(state.last_attempt.is_some());
}

#[tokio::test]
async fn a_branch_is_told_by_its_feed_and_by_git() {
    let fake = github(&[]).await;
    let repo = fake.repo(REPO);
    repo.branch("main", &[NewCommit::new("one"), NewCommit::new("two"), NewCommit::new("three")]);
    let shas = repo.shas("main");
    fake.fault(Door::Api, Fault::Status(502));
    let settings = [("TRACK", "branch:main"), ("CURRENT", shas[0].as_str())];

    let feed = spawn(&fake, &settings).await.version().await;
    assert_eq!((feed.via, feed.latest.as_ref()), (Some(Via::Atom), Some(&shas[2])));
    assert_eq!((feed.comparison, feed.behind.commits), (Comparison::Behind, None));

    fake.fault_on(Door::Web, "/octo/app/commits/", Fault::Status(500));
    let git = spawn(&fake, &settings).await.version().await;
    assert_eq!((git.via, git.latest.as_ref()), (Some(Via::Git), Some(&shas[2])));
    // References tell where the branch stands, and nothing of how it came there.
    assert_eq!((git.comparison, git.update_available), (Comparison::Unknown, None));
    let head = spawn(&fake, &[settings[0], ("CURRENT", &shas[2])]).await.version().await;
    assert_eq!((head.via, head.comparison), (Some(Via::Git), Comparison::Identical));
}

#[tokio::test]
async fn rest_is_asked_first_again_once_it_answers() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(502));
    let app = spawn(&fake, &[]).await;
    assert_eq!(app.version().await.via, Some(Via::Redirect));
    fake.heal();
    let state = app.force().await;
    assert_eq!((state.via, state.error), (Some(Via::Rest), None));
    assert!(state.release_notes.unwrap().contains("Feature of v1.3.0"));
    assert_eq!(state.behind.releases, Some(1));
}

#[tokio::test]
async fn details_learnt_by_rest_stay_while_another_door_answers() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    fake.fault(Door::Api, Fault::Status(502));
    let state = app.force().await;
    assert_eq!((state.via, state.latest.as_deref()), (Some(Via::Redirect), Some("1.3.0")));
    assert!(state.release_notes.unwrap().contains("Feature of v1.3.0"));
    fake.repo(REPO).release(NewRelease::new("v1.4.0").notes("Nobody can read these"));
    let state = app.force().await;
    assert_eq!((state.latest.as_deref(), state.release_notes), (Some("1.4.0"), None));
    assert_eq!(state.behind.releases, None);
}

#[tokio::test]
async fn a_rejected_token_is_told_and_the_answer_is_good() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let state = spawn(&fake, &[("GITHUB_TOKEN", "ghp_wrong")]).await.version().await;
    assert_eq!((state.status, state.via), (Status::Ok, Some(Via::Rest)));
    assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    let error = state.error.unwrap();
    assert_eq!(error.code, ErrorCode::TokenRejected);
    assert!(!error.message.contains("ghp_wrong"), "{}", error.message);
}

#[tokio::test]
async fn every_door_follows_a_renamed_repository_and_tells_its_name() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.repo(REPO).rename_to("new/name");
    fake.fault(Door::Api, Fault::Status(502));
    for via in [Via::Redirect, Via::Atom, Via::Git] {
        if via == Via::Atom {
            fake.fault_on(Door::Web, "/new/name/releases/latest", Fault::Status(502));
        } else if via == Via::Git {
            fake.fault_on(Door::Web, "/new/name/releases.atom", Fault::Status(502));
        }
        let state = spawn(&fake, &[]).await.version().await;
        assert_eq!((state.via, state.latest.as_deref()), (Some(via), Some("1.3.0")));
        assert_eq!(state.moved_to.as_deref(), Some("new/name"), "{via:?}");
    }
}

#[tokio::test]
async fn a_private_repository_is_read_with_a_token_and_not_found_without() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.accept_token("ghp_good");
    fake.repo(REPO).private();
    let with = spawn(&fake, &[("GITHUB_TOKEN", "ghp_good")]).await.version().await;
    assert_eq!((with.latest.as_deref(), with.error), (Some("1.3.0"), None));
    assert!(fake.calls_to(Door::Web).iter().all(|call| call.header("authorization").is_none()));
    let without = spawn(&fake, &[]).await.version().await;
    assert_eq!((without.status, without.update_available), (Status::Unknown, None));
    assert_eq!(without.error.unwrap().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn without_a_web_site_only_rest_is_asked() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(502));
    let state = spawn(&fake, &[("GITHUB_WEB_URL", "")]).await.version().await;
    assert_eq!((state.status, state.via), (Status::Unknown, None));
    assert_eq!(fake.count(Door::Web), 0);
    fake.heal();
    let state = spawn(&fake, &[("GITHUB_WEB_URL", "")]).await.version().await;
    assert_eq!((state.latest.as_deref(), state.via), (Some("1.3.0"), Some(Via::Rest)));
}

#[tokio::test]
async fn a_mirror_of_the_api_leads_to_the_pages_it_names_and_opens_no_door() {
    let fake = github(&["v1.2.3"]).await;
    let page = format!("https://github.com/{REPO}/releases/tag/v1.3.0?a=b");
    fake.repo(REPO)
        .release(fake_github::NewRelease::new("v1.3.0").with_field("html_url", serde_json::json!(page)))
        .release(
            fake_github::NewRelease::new("v1.1.0")
                .with_field("html_url", serde_json::json!("javascript:alert(1)")),
        );
    let app = spawn(&fake, &[("GITHUB_WEB_URL", "")]).await;
    assert_eq!(app.version().await.release_url, Some(page));
    let app = spawn(&fake, &[("GITHUB_WEB_URL", ""), ("LINE", "~1.1"), ("CURRENT", "1.0.0")]).await;
    assert_eq!(
        app.version().await.release_url,
        Some(format!("https://github.com/{REPO}/releases/tag/v1.1.0"))
    );
    assert_eq!(fake.count(Door::Web), 0);
}
