//! Switched off means off; offline means quiet.

use std::process::Command;

use contract::Status;
use fake_github::{Door, Fault};

use crate::bench::{Program, command};
use crate::helpers::{github, settings};

/// D14.
#[tokio::test]
async fn switched_off_nothing_is_asked_and_one_line_says_so() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let mut environment = settings(&fake);
    environment.insert("SIDEWATCH_DISABLE_UPDATE_CHECK".into(), "true".into());
    environment.insert("SIDEWATCH_SCHEDULE".into(), "* * * * * *".into());
    environment.insert("SIDEWATCH_CURRENT_URL".into(), fake.web_url());
    let mut program = Program::start(&environment).await;
    for path in ["/api/version", "/api/targets", "/api/changelog", "/metrics", "/feed.atom", "/badge.svg"] {
        program.app.get(path).await;
    }
    let state = program.app.version().await;
    assert_eq!((state.status, state.update_available, state.latest), (Status::Disabled, None, None));
    assert_eq!((state.error, state.next_check), (None, None));
    assert!(!program.app.force().await.forced);
    assert_eq!(program.app.get("/readyz").await.status, 200);
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(fake.count_all(), 0);
    assert_eq!(program.lines().len(), 1, "{:#?}", program.lines());
    program.signal("TERM");
    assert!(program.ended().await.success());
    assert_eq!(program.lines().len(), 1, "{:#?}", program.lines());
}

/// D14: as the kernel sees it. Needs strace, which `./test` installs.
#[tokio::test]
async fn switched_off_no_connection_is_opened_and_no_name_resolved() {
    let fake = github(&["v1.3.0"]).await;
    let folder = tempfile::TempDir::new().unwrap();
    let trace = folder.path().join("trace");
    let mut environment = settings(&fake);
    environment.insert("SIDEWATCH_DISABLE_UPDATE_CHECK".into(), "true".into());
    environment.insert("SIDEWATCH_GITHUB_API_URL".into(), "http://api.invalid".into());
    let program = command("serve", &environment);
    let mut traced = Command::new("strace");
    // `-D`: the program is our child and strace the onlooker, so that it ends with this test.
    traced.args(["-D", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o"]).arg(&trace);
    traced.arg(program.get_program()).args(program.get_args()).env_clear().envs(&environment);
    traced.stdin(std::process::Stdio::null());
    traced.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let program = Program::run(traced).await;
    assert_eq!(program.app.version().await.status, Status::Disabled);
    program.app.force().await;
    let calls = std::fs::read_to_string(&trace).unwrap();
    let network = |line: &&str| line.contains("AF_INET") || line.contains("nscd") || line.contains("resolve");
    let seen: Vec<&str> = calls.lines().filter(network).collect();
    assert!(seen.is_empty(), "{seen:#?}");
    assert_eq!(program.app.get("/livez").await.status, 200);
}

/// D14, W-17: only a change of state is worth a line, in text and in JSON.
#[tokio::test]
async fn offline_for_a_day_is_two_lines() {
    for format in ["text", "json"] {
        let fake = github(&["v1.2.3", "v1.3.0"]).await;
        let mut environment = settings(&fake);
        environment.insert("SIDEWATCH_LOG_FORMAT".into(), format.into());
        let program = Program::start(&environment).await;
        program.app.version().await;
        let before = program.lines().len();
        fake.fault(Door::Api, Fault::CloseAtOnce).fault(Door::Web, Fault::CloseAtOnce);
        for _ in 0..100 {
            assert!(program.app.force().await.forced);
        }
        let lines = program.lines().split_off(before);
        assert!(lines.len() <= 2, "{lines:#?}");
        assert!(!lines.is_empty(), "but it is said");
    }
}
