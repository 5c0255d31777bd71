//! Releases, tags, advisories and the repository itself, through the API.

use fake_github::{FakeGithub, NewAdvisory, NewRelease};
use serde_json::{Value, json};

use crate::helpers::{app, get, get_with};

#[tokio::test]
async fn a_release_has_the_fields_of_a_real_one() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app").release(
        NewRelease::new("v1.3.0")
            .title("One point three")
            .notes("### Fixed\n- a typo")
            .published("2026-01-29T09:00:00Z")
            .immutable()
            .asset("upgrade.json", b"{\"stops\":[]}"),
    );
    let got = app(&fake, "/releases?per_page=100").await;
    assert_eq!(got.status, 200);
    assert_eq!(got.header("content-type"), "application/json; charset=utf-8");
    let list = got.json();
    let release = &list[0];
    for (field, value) in [
        ("tag_name", json!("v1.3.0")),
        ("name", json!("One point three")),
        ("body", json!("### Fixed\n- a typo")),
        ("published_at", json!("2026-01-29T09:00:00Z")),
        ("draft", json!(false)),
        ("prerelease", json!(false)),
        ("immutable", json!(true)),
        ("target_commitish", json!("main")),
        ("html_url", json!(format!("{}/octo/app/releases/tag/v1.3.0", fake.web_url()))),
    ] {
        assert_eq!(release[field], value, "{field}");
    }
    let asset = &release["assets"][0];
    assert_eq!(asset["size"], 12);
    assert!(asset["digest"].as_str().unwrap().starts_with("sha256:"));
    for url in [&release["url"], &asset["url"]] {
        assert_eq!(get(url.as_str().unwrap()).await.status, 200, "{url}");
    }
    let octets = get_with(asset["url"].as_str().unwrap(), &[("accept", "application/octet-stream")]).await;
    assert_eq!(
        (octets.status, octets.header("location")),
        (302, asset["browser_download_url"].as_str().unwrap())
    );
}

#[tokio::test]
async fn lists_are_paged_by_link_headers() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    for minor in 0..250 {
        repo.release(NewRelease::new(&format!("v1.{minor}.0")));
    }
    let mut next = Some(format!("{}/repos/octo/app/releases?per_page=100", fake.api_url()));
    let (mut tags, mut pages) = (Vec::new(), 0);
    while let Some(url) = next {
        let got = get(&url).await;
        tags.extend(got.json().as_array().unwrap().iter().map(|release| release["tag_name"].clone()));
        next = got.link("next");
        pages += 1;
        assert_eq!(got.link("last").is_some(), pages < 3);
    }
    assert_eq!((pages, tags.len()), (3, 250));
    assert_eq!((&tags[0], &tags[249]), (&json!("v1.249.0"), &json!("v1.0.0")));
    let tags = app(&fake, "/tags?per_page=2").await;
    assert_eq!(tags.json()[0]["name"], "v1.249.0");
    assert!(tags.link("last").unwrap().ends_with("page=125"));
}

#[tokio::test]
async fn latest_is_githubs_own_mark_and_no_order_of_versions() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    assert_eq!(app(&fake, "/releases/latest").await.status, 404);
    repo.release(NewRelease::new("v2.0.0"))
        .release(NewRelease::new("v1.9.9"))
        .release(NewRelease::new("v3.0.0-rc.1").prerelease())
        .release(NewRelease::new("v4.0.0").draft());
    assert_eq!(app(&fake, "/releases/latest").await.json()["tag_name"], "v1.9.9");
    repo.mark_latest("v2.0.0");
    assert_eq!(app(&fake, "/releases/latest").await.json()["tag_name"], "v2.0.0");
    let list = app(&fake, "/releases").await.json();
    assert_eq!(list.as_array().unwrap().len(), 3, "drafts are not shown");
    assert_eq!(app(&fake, "/releases/tags/v4.0.0").await.status, 404);
    repo.remove_release("v2.0.0");
    assert_eq!(app(&fake, "/releases/tags/v2.0.0").await.status, 404);
    repo.edit_notes("v1.9.9", "new words");
    assert_eq!(app(&fake, "/releases/tags/v1.9.9").await.json()["body"], "new words");
}

#[tokio::test]
async fn a_release_can_be_malformed_in_any_way() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app")
        .release(NewRelease::new("a").malformed(json!({ "tag_name": 5 })))
        .release(NewRelease::new("b").without_field("tag_name").with_field("body", Value::Null))
        .release(NewRelease::new("c").malformed(Value::Null));
    let list = app(&fake, "/releases").await.json();
    assert_eq!(list[0], Value::Null);
    assert!(list[1].get("tag_name").is_none() && list[1]["body"].is_null() && list[1]["id"].is_u64());
    assert_eq!(list[2], json!({ "tag_name": 5 }));
}

#[tokio::test]
async fn advisories_are_paged_by_cursor() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    assert_eq!(app(&fake, "/security-advisories?state=published").await.body, "[]");
    for number in 0..5 {
        repo.advisory(
            NewAdvisory::new(&format!("GHSA-{number}"))
                .severity("critical")
                .cve("CVE-2026-1")
                .package("npm", "app")
                .range(">= 1.0.0, < 1.2.4")
                .patched("1.2.4"),
        );
    }
    let first = app(&fake, "/security-advisories?state=published&per_page=2").await;
    assert!(first.link("prev").is_none());
    assert_eq!(first.json()[0]["ghsa_id"], "GHSA-4");
    let entry = &first.json()[0]["vulnerabilities"][0];
    assert_eq!(entry["package"], json!({ "ecosystem": "npm", "name": "app" }));
    assert_eq!(entry["vulnerable_version_range"], ">= 1.0.0, < 1.2.4");
    assert_eq!(entry["patched_versions"], "1.2.4");
    let next = first.link("next").unwrap();
    assert!(next.contains("/repositories/") && next.contains("state=published") && next.contains("after="));
    let second = get(&next).await;
    assert_eq!(second.json()[1]["ghsa_id"], "GHSA-1");
    let third = get(&second.link("next").unwrap()).await;
    assert_eq!((third.json().as_array().unwrap().len(), third.link("next")), (1, None));
    let back = get(&third.link("prev").unwrap()).await;
    assert_eq!(back.json(), second.json());
}

#[tokio::test]
async fn a_renamed_repository_answers_301_to_its_number() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    repo.release(NewRelease::new("v1.0.0")).rename_to("Octo/New");
    let got = app(&fake, "/releases?per_page=1").await;
    let place = format!("{}/repositories/{}/releases?per_page=1", fake.api_url(), repo.id());
    assert_eq!((got.status, got.header("location")), (301, place.as_str()));
    assert_eq!(got.json()["message"], "Moved Permanently");
    let list = get(&place).await.json();
    assert!(list[0]["url"].as_str().unwrap().contains("/repos/Octo/New/"));
    assert_eq!(get(&format!("{}/repos/octo/new", fake.api_url())).await.json()["full_name"], "Octo/New");
    let web = get(&format!("{}/octo/app/releases.atom", fake.web_url())).await;
    assert_eq!((web.status, web.header("location").ends_with("/Octo/New/releases.atom")), (301, true));
}

#[tokio::test]
async fn private_and_deleted_repositories_are_not_found() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    repo.private();
    fake.accept_token("ghp_owner");
    let got = app(&fake, "/releases").await;
    assert_eq!((got.status, got.json()["message"].as_str().unwrap()), (404, "Not Found"));
    let url = format!("{}/repos/octo/app/releases", fake.api_url());
    assert_eq!(get_with(&url, &[("authorization", "Bearer ghp_owner")]).await.status, 200);
    assert_eq!(get(&format!("{}/octo/app/releases.atom", fake.web_url())).await.status, 404);
    repo.public().delete();
    assert_eq!(app(&fake, "").await.status, 404);
}
