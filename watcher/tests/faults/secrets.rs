//! Secrets are in no output, and one event is one line, whatever is sent.

use std::collections::HashMap;

use fake_github::{Door, FakeGithub, Fault, NewRelease};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bench::{Program, command, eventually};
use crate::helpers::{REPO, github, settings};

/// A piece of every secret; none of it may be seen anywhere.
const CANARY: &str = "canary5ecret";

/// Every secret there is, the webhook and Apprise on the fake's web site.
fn with_secrets(fake: &FakeGithub) -> HashMap<String, String> {
    let mut environment = settings(fake);
    let receiver = fake.web_url().replace("http://", &format!("http://user:{CANARY}-password@"));
    let secrets = [
        ("GITHUB_TOKEN", format!("ghp_{CANARY}0123456789")),
        ("API_TOKEN", format!("{CANARY}-api-token-0123456789")),
        ("REDIS_URL", format!("redis://user:{CANARY}-redis@127.0.0.1:1/")),
        ("NOTIFY_WEBHOOK_URL", format!("{receiver}/hook/{CANARY}?key={CANARY}")),
        ("NOTIFY_WEBHOOK_SECRET", format!("{CANARY}-hmac")),
        ("NOTIFY_APPRISE_URL", format!("{receiver}/notify/{CANARY}")),
        ("CURRENT_URL", format!("{receiver}/health?key={CANARY}")),
    ];
    environment.extend(secrets.map(|(key, value)| (format!("SIDEWATCH_{key}"), value)));
    environment
}

fn assert_clean(text: &str, from: &str) {
    for line in text.lines() {
        assert!(!line.contains(CANARY), "{from}: {line}");
    }
}

/// S-31, I10.
#[tokio::test]
async fn no_secret_is_in_any_answer_or_log() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.accept_token(&format!("ghp_{CANARY}0123456789"));
    for (redis, level) in [(true, "debug"), (false, "debug"), (false, "trace")] {
        let mut environment = with_secrets(&fake);
        environment.insert("SIDEWATCH_LOG".into(), level.into());
        if !redis {
            environment.remove("SIDEWATCH_REDIS_URL");
        }
        fake.heal();
        let mut program = Program::start(&environment).await;
        program.app.version().await;
        if !redis {
            eventually("the webhook", async || fake.count_path(Door::Web, "/hook/") > 0).await;
        }
        for fault in [Fault::Unauthorized, Fault::CloseAtOnce, Fault::Html] {
            fake.fault(Door::Api, fault.clone()).fault(Door::Web, fault);
            program.app.force().await;
        }
        let token = [("authorization", format!("Bearer {CANARY}-wrong"))];
        let token = token.each_ref().map(|(name, value)| (*name, value.as_str()));
        program.app.request(Method::POST, "/api/skip", &token, Some(r#"{"version":"1.3.0"}"#)).await;
        for path in [
            "/api/version",
            "/api/targets",
            "/api/changelog",
            "/metrics",
            "/feed.atom",
            "/openapi.json",
            "/docs",
        ] {
            let answer = program.app.get(path).await;
            assert_clean(&answer.text, path);
            assert_clean(&format!("{:?}", answer.headers), path);
        }
        program.signal("TERM");
        assert!(program.ended().await.success());
        assert_clean(&program.lines().join("\n"), &format!("the log at {level}"));
    }
}

/// S-31: a message names the variable, never the value.
#[test]
fn no_secret_is_in_the_words_of_a_wrong_configuration() {
    let wrong = [
        ("GITHUB_TOKEN", format!("two words {CANARY}")),
        ("REDIS_URL", format!("http://{CANARY}@x/")),
        ("NOTIFY_WEBHOOK_URL", format!("ftp://{CANARY}/")),
        ("NOTIFY_APPRISE_URL", format!("{CANARY} no address")),
        ("NOTIFY_WEBHOOK_SECRET", CANARY.to_owned()),
        ("CACHE_TTL", "0s".to_owned()),
    ];
    let environment: HashMap<String, String> =
        wrong.into_iter().map(|(key, value)| (format!("SIDEWATCH_{key}"), value)).collect();
    for verb in ["serve", "doctor"] {
        let output = command(verb, &environment).output().unwrap();
        let words =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(64), "{verb}: {words}");
        assert!(words.contains("SIDEWATCH_REDIS_URL") && words.contains("SIDEWATCH_GITHUB_TOKEN"), "{words}");
        assert_clean(&words, verb);
    }
}

/// S-31.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_what_check_and_doctor_print() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    for (verb, arguments) in [("check", vec![REPO, "--json"]), ("check", vec![REPO]), ("doctor", vec![])] {
        let mut command = command(verb, &with_secrets(&fake));
        command.args(arguments).env("SIDEWATCH_LOG", "trace");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert_clean(&String::from_utf8_lossy(&output.stdout), verb);
        assert_clean(&String::from_utf8_lossy(&output.stderr), verb);
    }
}

/// S-23.
#[tokio::test]
async fn one_event_is_one_line_whatever_is_sent() {
    let forged = "2026-01-30T14:30:00Z ERROR forged";
    for format in ["text", "json"] {
        let fake = github(&["v1.2.3"]).await;
        let evil = format!("notes\n{forged}\r\n{{\"level\":\"ERROR\",\"message\":\"forged\"}}");
        fake.repo(REPO).release(NewRelease::new("v1.3.0").title(&evil).notes(&evil));
        let mut environment = settings(&fake);
        environment.insert("SIDEWATCH_LOG".into(), "debug".into());
        environment.insert("SIDEWATCH_LOG_FORMAT".into(), format.into());
        environment.insert(format!("SIDEWATCH_A\n{forged}"), "x".into());
        let program = Program::start(&environment).await;
        program.app.version().await;
        let body = format!(r#"{{"message":"no\n{forged}"}}"#);
        for status in [400, 403, 418, 500] {
            fake.fault(Door::Api, Fault::StatusBody(status, "application/json".into(), body.clone()));
            program.app.force().await;
        }
        let path = "/a%0d%0a2026-01-30T14:30:00Z%20ERROR%20forged";
        for (name, value) in [("user-agent", "x\tERROR forged"), ("x-forwarded-for", "1\u{a0}ERROR forged")] {
            program.app.get_with(path, &[(name, value)]).await;
        }
        let address = program.app.url.trim_start_matches("http://").to_owned();
        for request in
            ["GET /x\r\nERROR forged HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n ERROR forged\r\n\r\n"]
        {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            drop(stream.write_all(request.as_bytes()).await);
            let mut answer = [0; 256];
            drop(stream.read(&mut answer).await);
        }
        let skip = format!(r#"{{"version":"1.0\n{forged}"}}"#);
        program.app.decide(Method::POST, "/api/skip", Some(&skip)).await;
        for line in program.lines() {
            let whole = if format == "json" {
                serde_json::from_str::<serde_json::Value>(&line).is_ok_and(|event| event["level"].is_string())
            } else {
                let (time, rest) = line.split_at(line.find(' ').unwrap_or(0));
                time.starts_with("20") && !rest.trim_start().starts_with("ERROR forged")
            };
            assert!(whole, "{format}: {line:?}");
        }
    }
}
