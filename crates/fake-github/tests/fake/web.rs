//! The web site: redirects, feeds, downloads.

use fake_github::{FakeGithub, NewCommit, NewRelease};

use crate::helpers::{get, get_with};

#[tokio::test]
async fn latest_redirects_to_the_tag_or_to_the_list() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    let url = format!("{}/octo/app/releases/latest", fake.web_url());
    let none = get(&url).await;
    assert_eq!(
        (none.status, none.header("location")),
        (302, format!("{}/octo/app/releases", fake.web_url()).as_str())
    );
    repo.release(NewRelease::new("v1.3.0+build 5"));
    let one = get(&url).await;
    let place = format!("{}/octo/app/releases/tag/v1.3.0+build%205", fake.web_url());
    assert_eq!((one.status, one.header("location")), (302, place.as_str()));
    assert_eq!(get(&place).await.status, 200);
    assert_eq!(get(&format!("{}/octo/none/releases/latest", fake.web_url())).await.status, 404);
}

#[tokio::test]
async fn the_feed_of_releases_has_ten_escaped_entries() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    for minor in 0..12 {
        let notes = format!("## Fixed\n- <b>{minor}</b> & more");
        repo.release(NewRelease::new(&format!("v1.{minor}.0")).title("A & <B>").notes(&notes));
    }
    let url = format!("{}/octo/app/releases.atom", fake.web_url());
    let feed = get(&url).await;
    assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
    assert_eq!(feed.body.matches("<entry>").count(), 10);
    assert!(feed.body.contains(&format!("<id>tag:github.com,2008:Repository/{}/v1.11.0</id>", repo.id())));
    assert!(feed.body.contains(&format!("href=\"{}/octo/app/releases/tag/v1.11.0\"", fake.web_url())));
    assert!(feed.body.contains("<title>A &amp; &lt;B&gt;</title>"));
    assert!(feed.body.contains("&lt;li&gt;&amp;lt;b&amp;gt;11&amp;lt;/b&amp;gt; &amp;amp; more&lt;/li&gt;"));
    assert_eq!(get_with(&url, &[("if-none-match", feed.header("etag"))]).await.status, 304);
}

#[tokio::test]
async fn tags_and_commits_have_feeds_too() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    repo.branch("feat/x", &[NewCommit::new("one"), NewCommit::new("two")]);
    let shas = repo.shas("feat/x");
    repo.tag("v0.1.0", &shas[0]);
    for feed in ["tags.atom", "releases.atom"] {
        let got = get(&format!("{}/octo/app/{feed}", fake.web_url())).await;
        assert!(got.body.contains("/v0.1.0</id>"), "{feed}: {}", got.body);
    }
    let commits = get(&format!("{}/octo/app/commits/feat/x.atom", fake.web_url())).await;
    let first = commits.body.find(&format!("Grit::Commit/{}", shas[1])).unwrap();
    assert!(first < commits.body.find(&format!("Grit::Commit/{}", shas[0])).unwrap(), "newest first");
    assert_eq!(get(&format!("{}/octo/app/commits/none.atom", fake.web_url())).await.status, 404);
}

#[tokio::test]
async fn assets_are_downloaded_through_a_redirect() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app").release(NewRelease::new("v1.0.0").asset("upgrade.json", b"{}"));
    let url = format!("{}/octo/app/releases/download/v1.0.0/upgrade.json", fake.web_url());
    let redirect = get(&url).await;
    assert_eq!(redirect.status, 302);
    let place = redirect.header("location").to_owned();
    assert!(place.starts_with(&fake.web_url()));
    let file = get(&place).await;
    assert_eq!((file.status, file.body.as_str()), (200, "{}"));
    let latest = get(&format!("{}/octo/app/releases/latest/download/upgrade.json", fake.web_url())).await;
    assert_eq!((latest.status, latest.header("location")), (302, url.as_str()));
    assert_eq!(get(&format!("{url}.sig")).await.status, 404);
}
