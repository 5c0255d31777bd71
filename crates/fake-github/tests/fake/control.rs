//! Counting, waiting, stopping, TLS, and who owns the thread.

use std::time::Duration;

use fake_github::{Door, FakeGithub, Fault};
use reqwest::Version;

use crate::helpers::{app, builder, client, get};

#[tokio::test]
async fn calls_are_counted_and_described() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app");
    app(&fake, "/releases?per_page=100").await;
    app(&fake, "").await;
    get(&format!("{}/octo/app", fake.web_url())).await;
    assert_eq!((fake.count(Door::Api), fake.count(Door::Web), fake.count_all()), (2, 1, 3));
    assert_eq!(fake.count_path(Door::Api, "/repos/octo/app/releases"), 1);
    let call = &fake.calls()[0];
    assert_eq!((call.method.as_str(), call.query.as_str(), call.status), ("GET", "per_page=100", Some(200)));
    assert_eq!(call.header("User-Agent"), Some("fake-github-tests"));
    fake.reset_calls();
    assert_eq!((fake.count_all(), fake.calls().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_calls_takes_real_time() {
    let fake = FakeGithub::start().await;
    let url = format!("{}/rate_limit", fake.api_url());
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { client().get(url).send().await.unwrap() });
    });
    fake.wait_for_calls(Door::Api, 1).await;
    assert_eq!(fake.count(Door::Api), 1);
}

#[tokio::test]
async fn a_stopped_door_refuses_and_comes_back_on_its_port() {
    let fake = FakeGithub::start().await;
    let url = format!("{}/rate_limit", fake.api_url());
    let client = client();
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    fake.stop(Door::Api).await;
    assert_eq!(fake.open_connections(Door::Api), 0);
    assert!(client.get(&url).send().await.is_err());
    assert!(crate::helpers::client().get(&url).send().await.unwrap_err().is_connect());
    assert_eq!(get(&format!("{}/", fake.web_url())).await.status, 200, "the other doors stay");
    fake.restart(Door::Api).await;
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn simultaneous_connections_are_counted() {
    let fake = FakeGithub::start().await;
    fake.fault(Door::Api, Fault::Delay(Duration::from_millis(200)));
    let url = format!("{}/rate_limit", fake.api_url());
    let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(client().get(&url).send())).collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(fake.peak_connections(Door::Api), 8);
    assert_eq!(fake.accepted_connections(Door::Api), 8);
}

#[tokio::test]
async fn https_speaks_http_2_to_those_who_trust_it() {
    let fake = FakeGithub::builder().tls().start().await;
    assert!(fake.api_url().starts_with("https://127.0.0.1:"));
    fake.repo("octo/app");
    let ca = reqwest::Certificate::from_pem(fake.ca_pem().unwrap().as_bytes()).unwrap();
    let client = builder().tls_certs_only([ca]).build().unwrap();
    for url in [fake.api_url(), fake.web_url(), fake.registry_url()] {
        assert_eq!(client.get(&url).send().await.unwrap().version(), Version::HTTP_2, "{url}");
    }
    let first = fake.calls()[0].clone();
    assert!(first.http2);
    let localhost = fake.api_url().replace("127.0.0.1", "localhost");
    assert!(client.get(localhost).send().await.is_ok());
    assert!(crate::helpers::client().get(fake.api_url()).send().await.unwrap_err().is_connect());
    // Many requests at once share a connection.
    let url = format!("{}/rate_limit", fake.api_url());
    let tasks: Vec<_> = (0..250).map(|_| tokio::spawn(client.get(&url).send())).collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().status(), 200);
    }
    assert!(fake.peak_connections(Door::Api) <= 3);
}

#[tokio::test]
async fn faults_work_over_http_2_too() {
    let fake = FakeGithub::builder().tls().start().await;
    fake.repo("octo/app");
    let ca = reqwest::Certificate::from_pem(fake.ca_pem().unwrap().as_bytes()).unwrap();
    let client = builder().tls_certs_only([ca]).timeout(Duration::from_secs(1)).build().unwrap();
    let url = format!("{}/repos/octo/app", fake.api_url());
    for fault in [
        Fault::CutAfter(10),
        Fault::WrongContentLength,
        Fault::HangBody,
        Fault::Hang,
        Fault::DripHead,
        Fault::CloseAtOnce,
        Fault::HangHandshake,
        Fault::Garbage,
    ] {
        fake.heal().fault(Door::Api, fault.clone());
        let outcome = async { client.get(&url).send().await?.bytes().await }.await;
        assert!(outcome.is_err(), "{fault:?}");
        // A dripping or garbled connection is not to be used again.
        fake.stop(Door::Api).await;
        fake.restart(Door::Api).await;
    }
}

#[test]
fn it_needs_no_runtime_of_the_test_once_started() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let fake = runtime.block_on(FakeGithub::start());
    let address = fake.api_url();
    let mut stream = std::net::TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    std::io::Write::write_all(&mut stream, b"GET /rate_limit HTTP/1.0\r\nUser-Agent: x\r\n\r\n").unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200 OK") || answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    drop(fake);
    assert!(
        std::net::TcpStream::connect(address.trim_start_matches("http://")).is_err(),
        "gone with its owner"
    );
}
