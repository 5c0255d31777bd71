//! The image registry.

use contract::ErrorCode;
use fake_github::{Door, Fault};
use releases::outbound::Lane;
use releases::registry::{Availability, ImageName, Platform};

use crate::helpers::{World, world};

const IMAGE: &str = "ghcr.io/octo/app";

async fn ask(world: &World, tags: &[&str], platform: &str) -> Availability {
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    let image: ImageName = IMAGE.parse().unwrap();
    let platform: Platform = platform.parse().unwrap();
    world.registry().availability(&image, &tags, &platform).await.unwrap()
}

fn is_installable(answer: &Availability) -> bool {
    matches!(answer, Availability::Installable { .. })
}

#[tokio::test]
async fn an_index_with_this_platform_is_installable() {
    let world = world().await;
    let image = world.fake.image("octo/app");
    image.index("v1.3.0", &["linux/amd64", "linux/arm64/v8"]).docker_list("v1.2.0", &["linux/amd64"]);
    let expected = Availability::Installable { digest: image.digest("v1.3.0"), tag: "v1.3.0".into() };
    assert!(image.digest("v1.3.0").is_some());
    assert_eq!(ask(&world, &["1.3.0", "v1.3.0"], "linux/arm64").await, expected);
    assert!(is_installable(&ask(&world, &["v1.2.0"], "linux/amd64").await));
    assert!(world.gate.lanes().iter().all(|lane| *lane == Lane::Registry));
}

#[tokio::test]
async fn another_platform_is_told_with_those_that_are_there() {
    let world = world().await;
    world
        .fake
        .image("octo/app")
        .index("v1", &["linux/arm64/v8"])
        .single("v2", "linux/arm64")
        .empty_index("v3");
    for tag in ["v1", "v2"] {
        let expected = Availability::PlatformMissing { found: vec!["linux/arm64".into()] };
        assert_eq!(ask(&world, &[tag], "linux/amd64").await, expected, "{tag}");
    }
    let expected = Availability::PlatformMissing { found: Vec::new() };
    assert_eq!(ask(&world, &["v3"], "linux/amd64").await, expected);
}

#[tokio::test]
async fn a_single_image_is_asked_for_its_platform() {
    let world = world().await;
    world.fake.image("octo/app").single("v1", "linux/amd64").docker_single("v2", "linux/arm/v6");
    assert!(is_installable(&ask(&world, &["v1"], "linux/amd64").await));
    assert!(is_installable(&ask(&world, &["v2"], "linux/arm/v7").await));
}

#[tokio::test]
async fn no_such_tag_is_missing_and_appears_later() {
    let world = world().await;
    let image = world.fake.image("octo/app");
    image.index("v1", &["linux/amd64"]);
    assert_eq!(ask(&world, &["v2", "2"], "linux/amd64").await, Availability::Missing);
    image.index("v2", &["linux/amd64"]);
    assert!(is_installable(&ask(&world, &["v2"], "linux/amd64").await));
}

#[tokio::test]
async fn an_image_behind_a_login_is_private_wherever_it_is_refused() {
    let world = world().await;
    let image = world.fake.image("octo/app");
    image.index("v1", &["linux/amd64"]).private_at_token();
    assert_eq!(ask(&world, &["v1"], "linux/amd64").await, Availability::Private);
    image.private_at_manifest();
    assert_eq!(ask(&world, &["v1"], "linux/amd64").await, Availability::Private);
    image.without_token();
    assert!(is_installable(&ask(&world, &["v1"], "linux/amd64").await));
}

#[tokio::test]
async fn a_token_is_kept_for_the_next_check() {
    let world = world().await;
    world.fake.image("octo/app").index("v1", &["linux/amd64"]);
    let (registry, image, platform) =
        (world.registry(), IMAGE.parse().unwrap(), "linux/amd64".parse().unwrap());
    for calls in [3, 4] {
        assert!(is_installable(&registry.availability(&image, &["v1".into()], &platform).await.unwrap()));
        assert_eq!(world.fake.count(Door::Registry), calls);
    }
}

#[tokio::test]
async fn a_tag_that_no_registry_accepts_is_never_sent() {
    let world = world().await;
    assert_eq!(
        ask(&world, &["1.0.0+build", "../x", "a b", "$(id)", ""], "linux/amd64").await,
        Availability::Missing
    );
    assert_eq!(world.fake.count_all(), 0);
}

#[tokio::test]
async fn a_registry_that_cannot_be_asked_is_a_registry_failure() {
    let world = world().await;
    world.fake.image("octo/app").index("v1", &["linux/amd64"]).raw_index("odd", "<html>");
    let (registry, image, platform) =
        (world.registry(), IMAGE.parse().unwrap(), "linux/amd64".parse().unwrap());
    let odd = registry.availability(&image, &["odd".into()], &platform).await.unwrap_err();
    assert_eq!(odd.code, ErrorCode::Registry);
    for fault in [Fault::Status(500), Fault::Status(429), Fault::CloseAtOnce, Fault::Html, Fault::Hang] {
        world.fake.fault(Door::Registry, fault.clone());
        let failure = registry.availability(&image, &["v1".into()], &platform).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::Registry, "{fault:?}");
        assert_eq!(failure.retry_at.is_some(), fault == Fault::Status(429), "{failure:?}");
        world.fake.heal();
    }
}

#[tokio::test]
async fn a_foreign_token_service_is_not_asked() {
    let world = world().await;
    world.fake.image("octo/app").index("v1", &["linux/amd64"]);
    for realm in ["http://169.254.169.254/token", "https://evil.example/token", "file:///etc/passwd"] {
        let header = format!("Bearer realm=\"{realm}\",service=\"x\"");
        world.fake.fault(Door::Registry, Fault::HeaderExtra("www-authenticate".into(), header));
        let failure = world
            .registry()
            .availability(&IMAGE.parse().unwrap(), &["v1".into()], &"linux/amd64".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(failure.code, ErrorCode::Registry, "{realm}");
        world.fake.heal();
    }
    assert_eq!(world.gate.admitted(), 3);
}
