//! The ready-made worlds, and the program that serves them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fake_github::{DEMO_REPO, FakeGithub, Many};
use serde_json::Value;

use crate::helpers::{client, get, read};

#[tokio::test]
async fn the_demo_publishes_a_release_after_a_while() {
    let fake = fake_github::demo(Duration::from_millis(300)).await;
    let url = format!("{}/repos/{DEMO_REPO}/releases", fake.api_url());
    assert_eq!(get(&url).await.json()[0]["tag_name"], "v1.2.3");
    for _ in 0..100 {
        if get(&url).await.json()[0]["tag_name"] == "v1.3.0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("v1.3.0 did not appear");
}

#[tokio::test]
async fn many_repositories_are_there_without_limits() {
    let fake = FakeGithub::start().await;
    Many { targets: 50, releases_per_target: 10 }.fill(&fake);
    for target in 0..50 {
        let got = get(&format!("{}/repos/octo/app-{target}/releases?per_page=100", fake.api_url())).await;
        assert_eq!(got.json().as_array().unwrap().len(), 10);
    }
    let advisories =
        get(&format!("{}/repos/octo/app-7/security-advisories?state=published", fake.api_url())).await;
    assert_eq!((advisories.status, advisories.body.as_str()), (200, "[]"));
}

/// Ends the program with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_program_says_where_it_is_and_takes_orders() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let child = Command::new(env!("CARGO_BIN_EXE_fake-github"))
        .args(["--scenario", "many", "--targets", "3", "--admin", "--tls", "--ca-out"])
        .arg(&ca)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut program = Program(child);
    let mut line = String::new();
    BufReader::new(program.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let api = ready["api"].as_str().unwrap();
    let ca = reqwest::Certificate::from_pem(&std::fs::read(&ca).unwrap()).unwrap();
    let client = crate::helpers::builder().tls_certs_only([ca]).build().unwrap();
    let post = async |path: &str| read(client.post(format!("{api}/__admin/{path}"))).await.unwrap();
    let releases = async || read(client.get(format!("{api}/repos/octo/app-1/releases"))).await.unwrap();
    assert_eq!(releases().await.json().as_array().unwrap().len(), 10);
    assert_eq!(post("publish?repo=octo/app-1&tag=v9.0.0&image=octo/app-1").await.status, 200);
    assert_eq!(releases().await.json()[0]["tag_name"], "v9.0.0");
    assert_eq!(post("fault?door=api&kind=status&status=500").await.status, 200);
    assert_eq!(releases().await.status, 500);
    assert_eq!(post("heal").await.status, 200);
    assert_eq!(releases().await.status, 200);
    assert_eq!(post("fault?door=api&kind=nonsense").await.status, 400);
    let calls = read(client.get(format!("{api}/__admin/calls"))).await.unwrap().json();
    assert_eq!(calls["api"]["calls"], 4, "orders are not counted");
}

#[tokio::test]
async fn orders_are_taken_only_where_that_is_switched_on() {
    let fake = FakeGithub::start().await;
    let got = read(client().post(format!("{}/__admin/heal", fake.api_url()))).await.unwrap();
    assert_eq!(got.status, 404);
}
