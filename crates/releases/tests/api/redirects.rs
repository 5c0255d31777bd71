//! Redirects: where they may lead, what they cost, who sees the token.

use contract::ErrorCode;
use fake_github::{Door, FakeGithub, Fault, NewRelease};
use releases::outbound::{Ask, Lane, Redirects};

use crate::helpers::{world, world_with};

#[tokio::test]
async fn a_loop_ends_after_three_hops_and_each_is_charged() {
    let world = world().await;
    world.fake.fault(Door::Api, Fault::RedirectLoop);
    let failure = world.get(world.api("/x").as_str()).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::HttpStatus);
    assert_eq!((world.gate.admitted(), world.fake.count(Door::Api)), (4, 4));
}

#[tokio::test]
async fn another_origin_is_never_asked() {
    let world = world().await;
    let targets = [
        format!("{}/x", world.fake.web_url()),
        "http://169.254.169.254/latest/meta-data".into(),
        "http://localhost:1/x".into(),
        "file:///etc/passwd".into(),
        "https://evil.example/x".into(),
    ];
    for target in targets {
        world.fake.fault(Door::Api, Fault::RedirectTo(target.clone()));
        let failure = world.get(world.api("/x").as_str()).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::HttpStatus, "{target}");
        world.fake.heal();
    }
    assert_eq!((world.gate.admitted(), world.fake.count(Door::Web)), (5, 0));
}

#[tokio::test]
async fn moved_permanently_is_reported() {
    let world = world().await;
    world.fake.repo("octo/app").release(NewRelease::new("v1.0.0"));
    world.fake.fault_on(Door::Api, "/old", Fault::MovedTo(world.api("/repos/octo/app/releases").into()));
    world.fake.fault_on(Door::Api, "/else", Fault::RedirectTo(world.api("/repos/octo/app/releases").into()));
    for (path, moved) in [("/old", true), ("/else", false), ("/repos/octo/app/releases", false)] {
        let reply = world.get(world.api(path).as_str()).await.unwrap();
        assert_eq!((reply.status, reply.moved), (200, moved), "{path}");
        assert_eq!(reply.url.path(), "/repos/octo/app/releases");
    }
}

#[tokio::test]
async fn an_allowed_host_is_asked_without_the_token() {
    let builder = FakeGithub::builder().tls().host("localhost");
    let world = world_with(builder, |config| {
        // Any name; the stand-in's certificate does not hold it, so the handshake shows that it was tried.
        config.resolve = vec![("assets.example".into(), ([127, 0, 0, 1], 0).into())];
    })
    .await;
    let port = world.api("/").port().unwrap();
    world.fake.fault_on(Door::Api, "/x", Fault::RedirectTo(format!("https://assets.example:{port}/y")));
    let ask = |allow: &'static [&'static str]| {
        Ask::get(Lane::Web, world.api("/x"))
            .bearer(Some(&"canary".into()))
            .redirects(Redirects::Follow { allow })
    };
    let port_label: &'static str = Box::leak(format!("assets.example:{port}").into_boxed_str());
    let allow: &'static [&'static str] = Box::leak(Box::new([port_label]));
    let tried = world.outbound.send(ask(allow)).await.unwrap_err();
    assert_eq!(tried.code, ErrorCode::Tls, "{tried}");
    let refused = world.outbound.send(ask(&["assets.example"])).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::HttpStatus, "{refused}");
    let authorized: Vec<bool> = world.gate.outcomes().iter().map(|outcome| outcome.authorized).collect();
    assert_eq!(authorized, [true, false, true]);
}

#[tokio::test]
async fn a_redirect_can_be_handed_back() {
    let world = world().await;
    world.fake.fault(Door::Api, Fault::RedirectTo("https://evil.example/x".into()));
    let ask = Ask::get(Lane::Web, world.api("/x")).redirects(Redirects::Return);
    let reply = world.outbound.send(ask).await.unwrap();
    assert_eq!((reply.status, reply.header("location")), (302, Some("https://evil.example/x")));
    assert_eq!(world.gate.admitted(), 1);
}
