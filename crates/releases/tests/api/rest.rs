//! The releases track through REST, advisories and the upgrade manifest.

use contract::{ErrorCode, Via};
use fake_github::{Door, Fault, NewAdvisory, NewRelease};
use releases::github::AdvisoriesAnswer;
use releases::source::{Found, ReleaseSource};
use serde_json::json;

use crate::helpers::{question, releases, tags, world};

#[tokio::test]
async fn releases_come_with_all_that_is_known() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.release(
        NewRelease::new("v1.2.0")
            .notes("### Fixed\n- a typo")
            .title("Two")
            .immutable()
            .asset("upgrade.json", "{}"),
    );
    repo.release(NewRelease::new("v1.3.0-rc.1").prerelease()).release(NewRelease::new("v9.0.0").draft());
    let (answer, found, complete) = releases(&world.rest(), &question("octo/app")).await;
    assert!(complete && answer.etag.is_some() && !answer.token_rejected && answer.moved_to.is_none());
    assert_eq!(answer.via, Via::Rest);
    assert_eq!(found.len(), 2);
    let stable = found.iter().find(|release| release.tag == "v1.2.0").unwrap();
    assert_eq!(stable.notes.as_deref(), Some("### Fixed\n- a typo"));
    assert_eq!(
        stable.url.as_deref(),
        Some(format!("{}/octo/app/releases/tag/v1.2.0", world.fake.web_url()).as_str())
    );
    assert!(stable.has_manifest && stable.immutable == Some(true) && stable.published_at.is_some());
    assert!(found.iter().any(|release| release.prerelease));
}

#[tokio::test]
async fn the_second_question_is_conditional_and_free_of_news() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.release(NewRelease::new("v1.0.0"));
    let rest = world.rest();
    let mut question = question("octo/app");
    question.etag = rest.ask(&question).await.unwrap().etag;
    let answer = rest.ask(&question).await.unwrap();
    assert!(matches!(answer.found, Found::Unchanged));
    assert_eq!(answer.etag, question.etag);
    repo.release(NewRelease::new("v1.1.0"));
    assert_eq!(releases(&rest, &question).await.1.len(), 2);
}

#[tokio::test]
async fn weak_changing_and_foreign_etags_still_give_the_right_answer() {
    for fault in [Fault::WeakEtag, Fault::ChangingEtag] {
        let world = world().await;
        world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
        world.fake.fault(Door::Api, fault);
        let mut question = question("octo/app");
        for _ in 0..2 {
            let (answer, found, _) = releases(&world.rest(), &question).await;
            assert_eq!(tags(&found), ["v1.0.0"]);
            question.etag = answer.etag;
        }
        assert_eq!(world.fake.count(Door::Api), 2);
    }
}

#[tokio::test]
async fn a_304_to_an_unconditional_question_is_no_answer() {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    world.fake.fault(Door::Api, Fault::AlwaysNotModified);
    let failure = world.rest().ask(&question("octo/app")).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::HttpStatus);
}

#[tokio::test]
async fn two_hundred_and_fifty_releases_are_three_pages() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    for minor in 0..250 {
        repo.release(NewRelease::new(&format!("v1.{minor}.0")));
    }
    let (_, found, complete) = releases(&world.rest(), &question("octo/app")).await;
    assert_eq!((found.len(), complete), (250, true));
    assert_eq!(world.fake.count(Door::Api), 3);
}

#[tokio::test]
async fn more_than_ten_pages_are_cut_and_said_to_be() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    for minor in 0..1001 {
        repo.release(NewRelease::new(&format!("v1.{minor}.0")));
    }
    let (_, found, complete) = releases(&world.rest(), &question("octo/app")).await;
    assert_eq!((found.len(), complete), (1000, false));
}

#[tokio::test]
async fn a_failure_on_a_later_page_fails_the_whole() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    for minor in 0..150 {
        repo.release(NewRelease::new(&format!("v1.{minor}.0")));
    }
    // GitHub links the next page by the repository's number.
    world.fake.fault_on(Door::Api, &format!("/repositories/{}/", repo.id()), Fault::Status(502));
    let failure = world.rest().ask(&question("octo/app")).await.unwrap_err();
    assert_eq!((failure.code, world.fake.count(Door::Api)), (ErrorCode::HttpStatus, 2));
}

#[tokio::test]
async fn a_next_page_on_another_origin_is_not_fetched() {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    let link = format!("<{}/x>; rel=\"next\"", world.fake.web_url());
    world.fake.fault(Door::Api, Fault::HeaderExtra("link".into(), link));
    let (_, found, _) = releases(&world.rest(), &question("octo/app")).await;
    assert_eq!((found.len(), world.fake.count(Door::Web)), (1, 0));
}

#[tokio::test]
async fn a_repository_with_tags_only_falls_back_and_stays_conditional() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.tag("v1.0.0", &"a".repeat(40)).tag("nightly", &"b".repeat(40));
    let rest = world.rest();
    let mut question = question("octo/app");
    let (answer, found, complete) = releases(&rest, &question).await;
    assert_eq!((tags(&found), complete), (vec!["v1.0.0"], true));
    assert!(found[0].url.as_deref().is_some_and(|url| url.ends_with("/octo/app/releases/tag/v1.0.0")));
    question.etag = answer.etag;
    assert!(matches!(rest.ask(&question).await.unwrap().found, Found::Unchanged));
    repo.tag("v1.1.0", &"c".repeat(40));
    assert_eq!(releases(&rest, &question).await.1.len(), 2);
    repo.release(NewRelease::new("v2.0.0"));
    assert_eq!(tags(&releases(&rest, &question).await.1), ["v2.0.0"]);
}

#[tokio::test]
async fn tags_count_where_no_release_is_a_version() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.release(NewRelease::new("nightly"));
    let failure = world.rest().ask(&question("octo/app")).await.unwrap_err();
    assert_eq!((failure.code, failure.try_next_door), (ErrorCode::NoRelease, false));
    assert!(failure.message.contains("no release or tag that is a version"), "{failure}");
    repo.tag("v1.2.3", &"a".repeat(40));
    let mut question = question("octo/app");
    let (answer, found, complete) = releases(&world.rest(), &question).await;
    assert_eq!((tags(&found), complete), (vec!["v1.2.3"], true));
    question.etag = answer.etag;
    assert!(matches!(world.rest().ask(&question).await.unwrap().found, Found::Unchanged));
    repo.release(NewRelease::new("v2.0.0"));
    assert_eq!(tags(&releases(&world.rest(), &question).await.1), ["v2.0.0"]);
}

#[tokio::test]
async fn tags_that_are_no_versions_are_no_release() {
    let world = world().await;
    world.fake.repo("octo/app").tag("wip", &"a".repeat(40));
    let failure = world.rest().ask(&question("octo/app")).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NoRelease);
}

#[tokio::test]
async fn neither_releases_nor_tags_is_settled() {
    let world = world().await;
    let _ = world.fake.repo("octo/app");
    let failure = world.rest().ask(&question("octo/app")).await.unwrap_err();
    assert_eq!((failure.code, failure.try_next_door), (ErrorCode::NoRelease, false));
    assert!(failure.message.contains("octo/app"), "{failure}");
}

#[tokio::test]
async fn a_missing_or_private_repository_is_settled_and_named() {
    let world = world().await;
    world.fake.repo("octo/private").private();
    for name in ["octo/none", "octo/private"] {
        let failure = world.rest().ask(&question(name)).await.unwrap_err();
        assert_eq!((failure.code, failure.try_next_door), (ErrorCode::NotFound, false));
        assert!(
            failure.message.contains(name) && failure.message.contains("SIDEWATCH_GITHUB_TOKEN"),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn a_renamed_repository_is_followed_and_its_new_name_told() {
    let world = world().await;
    world.fake.repo("octo/old").release(NewRelease::new("v1.0.0")).rename_to("octo/new");
    let (answer, found, _) = releases(&world.rest(), &question("octo/old")).await;
    assert_eq!((answer.moved_to.as_deref(), found.len()), (Some("octo/new"), 1));
}

#[tokio::test]
async fn odd_entries_are_tolerated_and_useless_lists_are_not() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.release(NewRelease::new("v1.0.0").with_field("body", json!(null)).with_field("id", json!("7")))
        .release(NewRelease::new("v1.1.0").without_field("name").with_field("new", json!({"a": [1]})))
        .release(NewRelease::new("nightly"))
        .release(NewRelease::new("v1.2.0").without_field("tag_name"))
        .release(NewRelease::new("v1.3.0").malformed(json!(null)));
    let (_, found, _) = releases(&world.rest(), &question("octo/app")).await;
    let mut found = tags(&found);
    found.sort_unstable();
    assert_eq!(found, ["v1.0.0", "v1.1.0"]);
    let bad = world.fake.repo("octo/bad");
    bad.release(NewRelease::new("v1.0.0").without_field("tag_name"));
    let failure = world.rest().ask(&question("octo/bad")).await.unwrap_err();
    assert_eq!((failure.code, failure.try_next_door), (ErrorCode::Parse, true));
    assert!(failure.message.contains("tag_name"), "{failure}");
}

#[tokio::test]
async fn advisories_are_listed_conditionally() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.advisory(NewAdvisory::new("GHSA-abcd-efgh-2345").severity("high").range("< 1.2.4").patched("1.2.4"));
    let rest = world.rest();
    let name = "octo/app".parse().unwrap();
    let AdvisoriesAnswer::List { advisories, etag, complete } =
        rest.published_advisories(&name, None).await.unwrap()
    else {
        panic!("a list was expected")
    };
    assert!(complete);
    assert_eq!((advisories.len(), advisories[0].vulnerabilities[0].range.as_str()), (1, "< 1.2.4"));
    assert_eq!(rest.published_advisories(&name, etag.as_deref()).await.unwrap(), AdvisoriesAnswer::Unchanged);
    world.fake.fault(Door::Api, Fault::Status(403));
    assert_eq!(rest.published_advisories(&name, None).await.unwrap_err().code, ErrorCode::HttpStatus);
}

#[tokio::test]
async fn the_upgrade_manifest_is_fetched_and_capped() {
    let world = world().await;
    world
        .fake
        .repo("octo/app")
        .release(NewRelease::new("v1.0.0").asset("upgrade.json", br#"{"minFrom":"0.9.0"}"#));
    world.fake.repo("octo/big").release(NewRelease::new("v1.0.0").asset("upgrade.json", vec![b' '; 70_000]));
    let rest = world.rest();
    let body = rest.upgrade_manifest(&"octo/app".parse().unwrap(), "v1.0.0").await.unwrap();
    assert_eq!(&body[..], br#"{"minFrom":"0.9.0"}"#);
    let missing = rest.upgrade_manifest(&"octo/app".parse().unwrap(), "v2.0.0").await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
    let big = rest.upgrade_manifest(&"octo/big".parse().unwrap(), "v1.0.0").await.unwrap_err();
    assert_eq!(big.code, ErrorCode::TooLarge);
    let before = world.fake.count_all();
    for tag in ["../../../etc/passwd", "v1;id", "$(id)", "v1\nx"] {
        assert!(rest.upgrade_manifest(&"octo/app".parse().unwrap(), tag).await.is_err());
    }
    assert_eq!(world.fake.count_all(), before);
}
