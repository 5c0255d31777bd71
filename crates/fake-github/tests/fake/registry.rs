//! The registry and its token service.

use fake_github::FakeGithub;
use serde_json::Value;

use crate::helpers::{Got, client, get, get_with, read};

const ALL: &str = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

async fn token(fake: &FakeGithub, name: &str) -> Got {
    let scope = format!("repository:{name}:pull");
    get(&format!("{}/token?service=ghcr.io&scope={scope}", fake.registry_url())).await
}

async fn bearer(fake: &FakeGithub) -> String {
    let got = token(fake, "octo/app").await;
    assert_eq!(got.status, 200);
    format!("Bearer {}", got.json()["token"].as_str().unwrap())
}

async fn manifest(fake: &FakeGithub, reference: &str, accept: &str) -> Got {
    let authorization = bearer(fake).await;
    let url = format!("{}/v2/octo/app/manifests/{reference}", fake.registry_url());
    get_with(&url, &[("authorization", &authorization), ("accept", accept)]).await
}

fn code(got: &Got) -> Value {
    got.json()["errors"][0]["code"].clone()
}

#[tokio::test]
async fn without_a_token_the_registry_says_where_to_get_one() {
    let fake = FakeGithub::start().await;
    fake.image("octo/app").index("v1.0.0", &["linux/amd64"]);
    let got =
        get_with(&format!("{}/v2/octo/app/manifests/v1.0.0", fake.registry_url()), &[("accept", ALL)]).await;
    let challenge = format!(
        "Bearer realm=\"{}/token\",service=\"ghcr.io\",scope=\"repository:octo/app:pull\"",
        fake.registry_url()
    );
    assert_eq!((got.status, got.header("www-authenticate")), (401, challenge.as_str()));
    assert_eq!(code(&got), "UNAUTHORIZED");
    assert_eq!(get(&format!("{}/v2/", fake.registry_url())).await.status, 401);
}

#[tokio::test]
async fn an_index_lists_platforms_and_attestations() {
    let fake = FakeGithub::start().await;
    let image = fake.image("octo/app");
    image.index("v1.0.0", &["linux/amd64", "linux/arm64/v8"]);
    let got = manifest(&fake, "v1.0.0", ALL).await;
    assert_eq!((got.status, got.header("content-type")), (200, "application/vnd.oci.image.index.v1+json"));
    assert_eq!(got.header("docker-content-digest"), image.digest("v1.0.0").unwrap());
    let platforms: Vec<Value> =
        got.json()["manifests"].as_array().unwrap().iter().map(|one| one["platform"].clone()).collect();
    assert_eq!(platforms.len(), 4);
    assert_eq!(platforms[2], serde_json::json!({ "os": "linux", "architecture": "arm64", "variant": "v8" }));
    assert_eq!(platforms[3]["os"], "unknown");
    let child = got.json()["manifests"][2]["digest"].as_str().unwrap().to_owned();
    assert_eq!(manifest(&fake, &child, ALL).await.status, 200);
    let url = format!("{}/v2/octo/app/manifests/v1.0.0", fake.registry_url());
    let head = client().head(&url).header("authorization", bearer(&fake).await).header("accept", ALL);
    let head = read(head).await.unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, got.body.len().to_string().as_str()));
    let tags = format!("{}/v2/octo/app/tags/list", fake.registry_url());
    let tags = get_with(&tags, &[("authorization", &bearer(&fake).await)]).await;
    assert_eq!(tags.json()["tags"], serde_json::json!(["v1.0.0"]));
}

#[tokio::test]
async fn accept_must_name_the_type() {
    let fake = FakeGithub::start().await;
    fake.image("octo/app").index("v1.0.0", &["linux/amd64"]);
    for accept in ["*/*", "application/vnd.docker.distribution.manifest.v2+json"] {
        let got = manifest(&fake, "v1.0.0", accept).await;
        assert_eq!((got.status, code(&got)), (404, "MANIFEST_UNKNOWN".into()));
        let message = got.json()["errors"][0]["message"].clone();
        assert_eq!(message, "OCI index found, but Accept header does not support OCI indexes");
    }
}

#[tokio::test]
async fn a_single_manifest_names_its_platform_in_the_config_blob() {
    let fake = FakeGithub::start().await;
    fake.image("octo/app").single("v1", "linux/arm64/v8").docker_single("v2", "linux/amd64");
    for (tag, architecture) in [("v1", "arm64"), ("v2", "amd64")] {
        let digest = manifest(&fake, tag, ALL).await.json()["config"]["digest"].as_str().unwrap().to_owned();
        let url = format!("{}/v2/octo/app/blobs/{digest}", fake.registry_url());
        let config = get_with(&url, &[("authorization", &bearer(&fake).await)]).await;
        assert_eq!(config.json()["architecture"], architecture);
        assert_eq!(config.json()["os"], "linux");
    }
}

#[tokio::test]
async fn other_shapes_and_missing_tags() {
    let fake = FakeGithub::start().await;
    let image = fake.image("octo/app");
    image.docker_list("list", &["linux/amd64"]).empty_index("empty").raw_index("raw", "{\"manifests\":7}");
    let list = manifest(&fake, "list", ALL).await;
    assert_eq!(list.header("content-type"), "application/vnd.docker.distribution.manifest.list.v2+json");
    assert_eq!(manifest(&fake, "empty", ALL).await.json()["manifests"], serde_json::json!([]));
    assert_eq!(manifest(&fake, "raw", ALL).await.json()["manifests"], 7);
    image.remove("list");
    let gone = manifest(&fake, "list", ALL).await;
    assert_eq!((gone.status, code(&gone)), (404, "MANIFEST_UNKNOWN".into()));
}

#[tokio::test]
async fn private_images_are_refused_at_the_token_or_at_the_manifest() {
    let fake = FakeGithub::start().await;
    let image = fake.image("octo/app");
    image.index("v1", &["linux/amd64"]).private_at_token();
    let refused = token(&fake, "octo/app").await;
    assert_eq!((refused.status, code(&refused)), (401, "UNAUTHORIZED".into()));
    image.private_at_manifest();
    let denied = manifest(&fake, "v1", ALL).await;
    assert_eq!((denied.status, code(&denied)), (403, "DENIED".into()));
    image.public();
    assert_eq!(manifest(&fake, "v1", ALL).await.status, 200);
    image.without_token();
    let url = format!("{}/v2/octo/app/manifests/v1", fake.registry_url());
    assert_eq!(get_with(&url, &[("accept", ALL)]).await.status, 200);
    assert_eq!(token(&fake, "octo/none").await.status, 403, "an image that is not there looks private");
}
