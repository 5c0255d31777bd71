//! `spool send`, by hand and in the background.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use crate::emit::receipt;
use crate::helpers::{KEY, User, wait_for};
use crate::server::{Answer, RealServer, canned, nowhere};

#[test]
fn a_batch_that_is_refused_whole_is_halved_until_the_culprit_is_alone() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (noted, poison) = (Arc::clone(&seen), "poison");
    let address = canned(move |asked| {
        let count = asked.body.matches("\"id\":").count();
        noted.lock().unwrap().push(count);
        if asked.body.contains(poison) {
            let problem = json!({ "type": "about:blank", "title": "Bad Request", "status": 400, "detail": "no poison", "requestId": "1" });
            Answer::of(400, problem.to_string())
        } else {
            receipt(asked)
        }
    });
    let keyless = User::without_key(&address);
    for number in 0..20 {
        let data = if number == 13 { "\"poison\"".to_owned() } else { number.to_string() };
        keyless.run(&["emit", "a.b", "--data", &data]).expect(0);
    }
    let user = keyless.with("REMOTE_AGENT_API_KEY", KEY);
    let ended = user.run(&["spool", "send"]);
    assert!(ended.stderr.contains("no poison") && ended.stdout == "sent 19 events\n", "{}", ended.stderr);
    assert_eq!(user.set_aside().len(), 1);
    assert_eq!(user.waiting()["events"], 0);
    assert!(seen.lock().unwrap().len() < 20, "{seen:?}");
}

#[test]
fn more_than_one_batch_arrives_whole_and_in_order() {
    let server = RealServer::start();
    let user = User::of(&server.address);
    let spool = user.open_spool();
    let events = (0..1200).map(|number| {
        let event = cli::event::NewEvent {
            kind: "a.b".into(),
            session_id: Some("s".into()),
            workspace: None,
            timestamp: chrono::Utc::now(),
            data: json!({ "number": number, "filler": "x".repeat(3000) }),
        };
        cli::spool::Entry::Event(event.check("laptop").unwrap())
    });
    spool.add(events.collect()).unwrap();
    assert_eq!(user.run(&["spool", "send"]).expect(0), "sent 1200 events\n");
    let numbers: Vec<u64> =
        server.events("s").iter().filter_map(|event| event["data"]["number"].as_u64()).collect();
    assert_eq!(numbers, (0..1200).collect::<Vec<_>>());
}

#[test]
fn a_transcript_arrives_though_its_file_has_gone_and_one_that_never_was_is_set_aside() {
    let server = RealServer::start();
    let user = User::of(&server.address);
    let spool = user.open_spool();
    let transcript = |session: &str, name: &str| cli::spool::Entry::Transcript {
        session_id: session.to_owned(),
        path: user.home().join(name),
        content_type: "application/jsonl".to_owned(),
    };
    std::fs::write(user.home().join("said.jsonl"), "{\"said\":1}\n".repeat(50_000)).unwrap();
    spool.add(vec![transcript("s1", "said.jsonl"), transcript("s2", "absent.jsonl")]).unwrap();
    std::fs::remove_file(user.home().join("said.jsonl")).unwrap();
    let ended = user.run(&["spool", "send"]);
    assert!(
        ended.stdout.contains("1 transcript") && ended.stderr.contains("absent.jsonl"),
        "{}",
        ended.stderr
    );
    assert_eq!(server.transcript("s1").unwrap(), "{\"said\":1}\n".repeat(50_000));
    assert_eq!(server.transcript("s2"), None);
    assert_eq!(user.set_aside().len(), 1);
    assert_eq!(user.waiting()["transcripts"], 0);
}

#[test]
fn what_is_too_large_for_the_server_is_set_aside_and_the_next_one_arrives() {
    let server = RealServer::start_with(&[("TRANSCRIPT_MAX_BYTES", "1000")]);
    let user = User::of(&server.address);
    let spool = user.open_spool();
    for (session, bytes) in [("s1", 5000), ("s2", 500)] {
        let path = user.home().join(session);
        std::fs::write(&path, "x".repeat(bytes)).unwrap();
        let content_type = "text/plain".to_owned();
        spool
            .add(vec![cli::spool::Entry::Transcript { session_id: session.into(), path, content_type }])
            .unwrap();
    }
    assert_eq!(user.run(&["spool", "send"]).code, Some(1));
    assert!(server.transcript("s1").is_none() && server.transcript("s2").is_some());
    assert_eq!(user.set_aside().len(), 1);
}

#[test]
fn the_process_in_the_background_sends_without_anybody_waiting() {
    let server = RealServer::start();
    let user = User::without_key(&server.address);
    user.run(&["emit", "a.b", "--session", "s"]).expect(0);
    let user = user.with("REMOTE_AGENT_API_KEY", KEY);
    assert_eq!(user.run(&["spool", "send", "--background"]).expect(0), "");
    assert_eq!(server.events("s").len(), 1);
    assert!(user.cache().join("update.json").exists(), "it learns of updates on the way");
}

#[test]
fn what_was_kept_for_one_server_is_never_sent_to_another_unless_somebody_says_so() {
    let (server, away) = (RealServer::start(), nowhere());
    let first = User::of(&away);
    first.run(&["emit", "secret.work", "--session", "s"]).expect(0);
    let to_another = ["--url", server.address.as_str(), "emit", "other.work", "--session", "s"];
    assert!(first.run(&to_another).expect(0).starts_with("sent"));
    assert_eq!(server.events("s").len(), 1);
    let status = first.run(&["--url", server.address.as_str(), "spool", "status"]).expect(0);
    assert!(status.starts_with(&format!("nothing waits for {}", server.address)), "{status}");
    assert!(
        status.contains(&format!("1 entry waits for {away}")) && status.contains("--kept-for"),
        "{status}"
    );
    let status = first.run(&["--url", server.address.as_str(), "status"]).expect(0);
    assert!(status.contains(&format!("1 entry waits for {away}")), "{status}");

    let moved =
        |address: &str| first.run(&["--url", &server.address, "spool", "send", "--kept-for", address]);
    let misspelt = moved("http://127.0.0.1:2");
    assert!(
        misspelt.code == Some(1) && misspelt.stderr.contains("nothing was ever kept"),
        "{}",
        misspelt.stderr
    );
    assert_eq!(moved(&away).expect(0), "sent 1 event\n");
    assert_eq!(server.events("s").len(), 2);
}

#[test]
fn the_process_in_the_background_holds_nothing_of_whoever_called() {
    let asked = Arc::new(Mutex::new(false));
    let seen = Arc::clone(&asked);
    let user = User::of(&canned(move |asked| {
        *seen.lock().unwrap() = true;
        Answer { after: Duration::from_secs(30), ..receipt(asked) }
    }));
    user.keeping().run(&["emit", "a.b"]).expect(0);
    let script = "exec 9>lock 8>pipe; exec \"$0\" spool send --background";
    let mut background =
        user.command("bash").args(["-c", script, crate::helpers::program()]).spawn().unwrap();
    wait_for("the sender to ask", || *asked.lock().unwrap());
    let open = std::fs::read_dir(format!("/proc/{}/fd", background.id())).unwrap();
    let open: Vec<String> = open
        .filter_map(|entry| Some(std::fs::read_link(entry.unwrap().path()).ok()?.display().to_string()))
        .collect();
    background.kill().unwrap();
    background.wait().unwrap();
    let home = user.home().display().to_string();
    let ours = |path: &String| path == &format!("{home}/lock") || path == &format!("{home}/pipe");
    assert!(!open.iter().any(ours), "{open:?}");
}
