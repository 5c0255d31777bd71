//! The doors of the web site: redirect, Atom, git.

use contract::{Comparison, ErrorCode};
use fake_github::{Door, NewCommit, NewRelease};
use releases::Channel;
use releases::github::{Atom, GitRefs, GithubConfig, Redirect};
use releases::source::{Found, ReleaseSource};

use crate::helpers::{World, on_branch, question, releases, tags, world};

fn redirect(world: &World) -> Redirect {
    Redirect::new(world.outbound.clone(), world.config(None))
}

fn atom(world: &World) -> Atom {
    Atom::new(world.outbound.clone(), world.config(None))
}

fn git(world: &World) -> GitRefs {
    GitRefs::new(world.outbound.clone(), world.config(None))
}

#[tokio::test]
async fn the_redirect_tells_one_tag_and_nothing_else() {
    let world = world().await;
    world
        .fake
        .repo("octo/app")
        .release(NewRelease::new("v1.2.0").notes("x"))
        .release(NewRelease::new("v1.3.0"));
    let (answer, found, complete) = releases(&redirect(&world), &question("octo/app")).await;
    assert_eq!((tags(&found), complete), (vec!["v1.3.0"], false));
    assert!(found[0].notes.is_none() && found[0].published_at.is_none() && answer.etag.is_none());
    assert_eq!(world.fake.count(Door::Web), 1);
}

#[tokio::test]
async fn the_redirect_passes_on_what_it_cannot_know() {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v2.0.0"));
    world.fake.repo("octo/none").tag("v1.0.0", &"a".repeat(40));
    let mut prerelease = question("octo/app");
    prerelease.channel = Channel::Prerelease;
    let mut line = question("octo/app");
    line.line = Some("^1".parse().unwrap());
    for question in [prerelease, line, on_branch("octo/app", "main", None), question("octo/none")] {
        let failure = redirect(&world).ask(&question).await.unwrap_err();
        assert!(failure.try_next_door, "{failure:?}");
        assert_eq!(failure.code, ErrorCode::NoRelease);
    }
}

#[tokio::test]
async fn every_web_door_follows_a_rename_and_tells_it() {
    let world = world().await;
    world.fake.repo("octo/old").release(NewRelease::new("v1.0.0")).rename_to("octo/new");
    let doors: [Box<dyn ReleaseSource>; 3] =
        [Box::new(redirect(&world)), Box::new(atom(&world)), Box::new(git(&world))];
    for door in doors {
        let (answer, found, _) = releases(door.as_ref(), &question("octo/old")).await;
        assert_eq!(tags(&found), ["v1.0.0"], "{:?}", door.via());
        assert_eq!(answer.moved_to.as_deref(), Some("octo/new"), "{:?}", door.via());
    }
}

#[tokio::test]
async fn every_web_door_says_when_a_repository_is_not_there() {
    let world = world().await;
    let doors: [Box<dyn ReleaseSource>; 3] =
        [Box::new(redirect(&world)), Box::new(atom(&world)), Box::new(git(&world))];
    for door in doors {
        let failure = door.ask(&question("octo/none")).await.unwrap_err();
        assert_eq!((failure.code, failure.try_next_door), (ErrorCode::NotFound, false), "{:?}", door.via());
    }
}

#[tokio::test]
async fn shut_doors_ask_nothing() {
    let world = world().await;
    let config = GithubConfig { web_url: None, ..world.config(None) };
    let failure = Atom::new(world.outbound.clone(), config).ask(&question("octo/app")).await.unwrap_err();
    assert!(failure.try_next_door);
    assert_eq!((world.gate.admitted(), world.fake.count_all()), (0, 0));
}

#[tokio::test]
async fn the_feed_tells_the_newest_releases_with_their_html() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.release(NewRelease::new("v1.2.0").notes("### New\n- thing").title("One & two"));
    repo.release(NewRelease::new("v1.3.0"));
    let (_, found, complete) = releases(&atom(&world), &question("octo/app")).await;
    assert!(!complete);
    let old = found.iter().find(|release| release.tag == "v1.2.0").unwrap();
    assert_eq!((old.title.as_str(), old.notes.as_deref()), ("One & two", None));
    assert!(old.notes_html.as_deref().is_some_and(|html| html.contains("thing")), "{:?}", old.notes_html);
    assert!(old.published_at.is_some());
}

#[tokio::test]
async fn the_feed_of_commits_tells_head_and_subjects() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.branch("main", &[NewCommit::new("one"), NewCommit::new("two"), NewCommit::new("three")]);
    let shas = repo.shas("main");
    let Found::Head(head) =
        atom(&world).ask(&on_branch("octo/app", "main", Some(&shas[0]))).await.unwrap().found
    else {
        panic!("a head was expected")
    };
    assert_eq!(
        (head.sha.as_str(), head.comparison, head.behind),
        (shas[2].as_str(), Comparison::Behind, None)
    );
    assert_eq!(head.commits.len(), 2);
    assert_eq!(head.commits[0].subject, "three");
}

#[tokio::test]
async fn git_tells_every_tag_in_both_protocols() {
    for old_protocol in [false, true] {
        let world = world().await;
        let repo = world.fake.repo("octo/app");
        repo.release(NewRelease::new("v1.2.0"))
            .annotated_tag("v1.3.0", &"a".repeat(40))
            .tag("x", &"b".repeat(40));
        repo.pull(7);
        if old_protocol {
            repo.git_v1_only();
        }
        let (_, found, complete) = releases(&git(&world), &question("octo/app")).await;
        let mut found = tags(&found);
        found.sort_unstable();
        assert_eq!((found, complete), (vec!["v1.2.0", "v1.3.0"], true));
        assert_eq!(world.fake.count(Door::Web), if old_protocol { 1 } else { 2 });
    }
}

#[tokio::test]
async fn git_tells_the_head_of_a_branch_and_compares_nothing() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    repo.branch("main", &[NewCommit::new("one"), NewCommit::new("two")]);
    repo.branch("main-2", &[NewCommit::new("other")]);
    let shas = repo.shas("main");
    for (running, comparison) in [(&shas[0], Comparison::Unknown), (&shas[1], Comparison::Identical)] {
        let answer = git(&world).ask(&on_branch("octo/app", "main", Some(running))).await.unwrap();
        let Found::Head(head) = answer.found else { panic!("a head was expected") };
        assert_eq!((head.sha.as_str(), head.comparison), (shas[1].as_str(), comparison));
    }
    let failure = git(&world).ask(&on_branch("octo/app", "none", None)).await.unwrap_err();
    assert_eq!((failure.code, failure.try_next_door), (ErrorCode::NoRelease, false));
}
