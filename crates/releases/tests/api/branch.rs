//! The branch track, through REST.

use contract::{Comparison, ErrorCode};
use fake_github::{Door, Fault, NewCommit};
use releases::github::Rest;
use releases::source::{BranchHead, Found, Question, ReleaseSource};

use crate::helpers::{World, on_branch, world};

async fn head(rest: &Rest, question: &Question) -> BranchHead {
    match rest.ask(question).await.unwrap().found {
        Found::Head(head) => head,
        other => panic!("no head: {other:?}"),
    }
}

/// A branch of that many commits; their SHAs, oldest first.
fn branch(world: &World, commits: usize) -> Vec<String> {
    let repo = world.fake.repo("octo/app");
    let commits: Vec<NewCommit> = (0..commits).map(|at| NewCommit::new(&format!("commit {at}"))).collect();
    repo.branch("main", &commits);
    repo.shas("main")
}

#[tokio::test]
async fn a_running_commit_is_behind_by_what_it_lacks() {
    let world = world().await;
    let shas = branch(&world, 5);
    for running in [&shas[1][..], &shas[1][..7]] {
        let head = head(&world.rest(), &on_branch("octo/app", "main", Some(running))).await;
        assert_eq!((head.sha.as_str(), head.comparison), (shas[4].as_str(), Comparison::Behind));
        assert_eq!(
            (head.behind, head.base.as_ref()),
            (Some(3), Some(&shas[1])),
            "the full name, also of a short one"
        );
        let subjects: Vec<_> = head.commits.iter().map(|commit| commit.subject.as_str()).collect();
        assert_eq!(subjects, ["commit 4", "commit 3", "commit 2"]);
        assert_eq!(head.behind_since, head.commits[2].committed_at);
        assert!(head.url.contains("/octo/app/compare/") && head.url.ends_with(&shas[4]), "{}", head.url);
    }
}

#[tokio::test]
async fn the_head_itself_is_identical_without_a_second_question() {
    let world = world().await;
    let shas = branch(&world, 3);
    for running in [&shas[2][..], &shas[2][..9]] {
        let head = head(&world.rest(), &on_branch("octo/app", "main", Some(running))).await;
        assert_eq!((head.comparison, head.behind, head.commits.len()), (Comparison::Identical, Some(0), 0));
    }
    assert_eq!(world.fake.count(Door::Api), 2);
}

#[tokio::test]
async fn ahead_and_diverged_are_told_apart() {
    let world = world().await;
    let repo = world.fake.repo("octo/app");
    branch(&world, 3);
    let base: Vec<NewCommit> = (0..3).map(|at| NewCommit::new(&format!("commit {at}"))).collect();
    repo.branch("ahead", &base);
    let ahead = repo.push("ahead", NewCommit::new("only here"));
    let compared = head(&world.rest(), &on_branch("octo/app", "main", Some(&ahead))).await;
    assert_eq!((compared.comparison, compared.behind), (Comparison::Ahead, Some(0)));
    repo.push("main", NewCommit::new("only there"));
    let compared = head(&world.rest(), &on_branch("octo/app", "main", Some(&ahead))).await;
    assert_eq!((compared.comparison, compared.behind), (Comparison::Diverged, Some(1)));
}

#[tokio::test]
async fn an_unknown_base_is_said_and_the_head_told_all_the_same() {
    let world = world().await;
    let shas = branch(&world, 3);
    let lost = "f".repeat(40);
    let compared = head(&world.rest(), &on_branch("octo/app", "main", Some(&lost))).await;
    assert_eq!((compared.comparison, compared.behind), (Comparison::Unknown, None));
    assert_eq!(compared.sha, shas[2]);
    for running in [None, Some("dev"), Some("../../x")] {
        let compared = head(&world.rest(), &on_branch("octo/app", "main", running)).await;
        assert_eq!((compared.comparison, compared.commits.len()), (Comparison::Unknown, 1));
        assert!(compared.url.ends_with("/octo/app/commits/main"), "{}", compared.url);
    }
}

#[tokio::test]
async fn the_head_is_asked_for_conditionally_but_only_for_the_same_running_commit() {
    let world = world().await;
    let shas = branch(&world, 3);
    let rest = world.rest();
    let mut question = on_branch("octo/app", "main", Some(&shas[0]));
    question.etag = rest.ask(&question).await.unwrap().etag;
    world.fake.reset_calls();
    assert!(matches!(rest.ask(&question).await.unwrap().found, Found::Unchanged));
    assert_eq!(world.fake.count(Door::Api), 1);
    question.running_commit = Some(shas[1].clone());
    assert_eq!(head(&rest, &question).await.behind, Some(1));
}

#[tokio::test]
async fn long_ranges_are_counted_in_full_and_listed_in_part() {
    let world = world().await;
    let shas = branch(&world, 301);
    let compared = head(&world.rest(), &on_branch("octo/app", "main", Some(&shas[0]))).await;
    assert_eq!((compared.behind, compared.commits.len()), (Some(300), 250));
    assert_eq!(compared.commits[0].sha, shas[300]);
    assert_eq!(compared.behind_since, None);
}

#[tokio::test]
async fn a_comparison_that_is_too_large_still_gives_its_numbers() {
    let world = world().await;
    let shas = branch(&world, 5);
    let huge = Fault::Huge { bytes: 4 * 1024 * 1024, with_length: true };
    world.fake.fault_times_on(Door::Api, "/repos/octo/app/compare", 1, huge);
    let compared = head(&world.rest(), &on_branch("octo/app", "main", Some(&shas[0]))).await;
    assert_eq!((compared.behind, compared.behind_since), (Some(4), None));
    assert!(compared.commits.is_empty());
}

#[tokio::test]
async fn a_missing_branch_and_an_empty_repository_are_settled() {
    let world = world().await;
    branch(&world, 1);
    let _ = world.fake.repo("octo/empty");
    for (repo, name) in [("octo/app", "none"), ("octo/empty", "main")] {
        let failure = world.rest().ask(&on_branch(repo, name, None)).await.unwrap_err();
        assert!(!failure.try_next_door, "{failure:?}");
        assert_eq!(failure.code, ErrorCode::NoRelease);
    }
}

#[tokio::test]
async fn a_renamed_repository_is_followed_here_too() {
    let world = world().await;
    let shas = branch(&world, 2);
    world.fake.repo("octo/app").rename_to("octo/new");
    let answer = world.rest().ask(&on_branch("octo/app", "main", Some(&shas[0]))).await.unwrap();
    assert_eq!(answer.moved_to.as_deref(), Some("octo/new"));
}
