//! Processes killed at every moment: what was acknowledged is stored, once, in order.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::helpers::{Dice, KEY, User, program, wait_for};
use crate::proxy::{Fault, Moment, Proxy};
use crate::server::RealServer;

/// Emits number after number until told to stop; gives the ids of those that were acknowledged. Each third one is killed
/// on its way.
fn emit_until(user: &User, lane: usize, stop: &AtomicBool) -> Vec<String> {
    let (mut acknowledged, mut dice, mut number) = (Vec::new(), Dice::new(lane as u64), 0);
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let data = format!("{{\"lane\":{lane},\"number\":{number}}}");
        let arguments = ["emit", "a.b", "--session", "crash", "--data", &data, "--json"];
        let mut child = user.start(&arguments);
        if dice.roll(3) == 0 {
            thread::sleep(Duration::from_micros(dice.roll(20_000)));
            drop(child.kill());
        }
        let ended = child.wait_with_output().unwrap();
        if ended.status.success() {
            let told: Value = serde_json::from_slice(&ended.stdout).unwrap();
            acknowledged.push(told["id"].as_str().unwrap().to_owned());
        }
    }
    acknowledged
}

/// A sender that is killed at the `nth` moment that the proxy sees, before or after the server does.
fn killed_at(user: &User, proxy: &Proxy, nth: u64, cut: Fault) {
    let child: Arc<Mutex<Option<Child>>> = Arc::new(Mutex::new(None));
    let (killed, mut seen) = (Arc::clone(&child), 0);
    proxy.watch(move |_| {
        seen += 1;
        if seen < nth {
            return Fault::None;
        }
        if let Some(child) = killed.lock().unwrap().as_mut() {
            drop(child.kill());
        }
        cut
    });
    *child.lock().unwrap() = Some(user.start(&["spool", "send"]));
    let ended = || child.lock().unwrap().as_mut().is_some_and(|child| child.try_wait().unwrap().is_some());
    wait_for("the sender to end", ended);
    proxy.behave();
}

/// Each acknowledged event is stored, each stored one once, and those of a lane came in the order of their numbers.
fn assert_whole(server: &RealServer, session: &str, acknowledged: &[String]) {
    let stored = server.events(session);
    let by_id: BTreeMap<&str, &Value> =
        stored.iter().map(|event| (event["id"].as_str().unwrap(), event)).collect();
    assert_eq!(by_id.len(), stored.len(), "no event is stored twice");
    let lost: Vec<&String> = acknowledged.iter().filter(|id| !by_id.contains_key(id.as_str())).collect();
    assert!(lost.is_empty(), "lost {} of {}: {lost:?}", lost.len(), acknowledged.len());
    let mut lanes: BTreeMap<u64, Vec<(u64, &str)>> = BTreeMap::new();
    for event in &stored {
        let (data, at) = (&event["data"], event["receivedAt"].as_str().unwrap());
        lanes.entry(data["lane"].as_u64().unwrap()).or_default().push((data["number"].as_u64().unwrap(), at));
    }
    for (lane, events) in &mut lanes {
        events.sort_unstable();
        let came: Vec<&str> = events.iter().map(|(_, at)| *at).collect();
        assert!(came.is_sorted(), "lane {lane} came out of order");
    }
}

#[test]
fn senders_and_emitters_killed_at_random_lose_nothing_double_nothing_and_keep_the_order() {
    let server = RealServer::start();
    let proxy = Proxy::before(&server.address);
    let sending = User::of(&proxy.address);
    let stop = AtomicBool::new(false);
    let acknowledged = thread::scope(|scope| {
        let lanes: Vec<_> = (0..3)
            .map(|lane| {
                // One only keeps, so that there is always something to send.
                let user = if lane == 0 { sending.keeping() } else { sending.clone() };
                let stop = &stop;
                scope.spawn(move || emit_until(&user, lane, stop))
            })
            .collect();
        let mut dice = Dice::new(7);
        for _ in 0..40 {
            let cut = [Fault::None, Fault::BeforeRequest, Fault::BeforeAnswer][dice.roll(3) as usize];
            killed_at(&sending, &proxy, 1 + dice.roll(6), cut);
        }
        stop.store(true, Ordering::Relaxed);
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect::<Vec<_>>()
    });
    sending.run(&["spool", "send"]).expect(0);
    let waiting = sending.waiting();
    assert_eq!(
        (&waiting["events"], &waiting["damaged"], &waiting["rejected"]),
        (&0.into(), &0.into(), &0.into())
    );
    assert!(acknowledged.len() > 20, "only {} were acknowledged", acknowledged.len());
    assert_whole(&server, "crash", &acknowledged);
}

/// Runs the program under strace, killed when it enters this call for the `nth` time. False if it ended by itself.
fn kill_at_call(user: &User, call: &str, nth: u32, arguments: &[&str]) -> (bool, String) {
    let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
    let output = user
        .command("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject, program()])
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("strace (apt install strace): {error}"));
    (output.status.code().is_none(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_sender_killed_at_each_of_its_calls_sends_everything_once_in_the_end() {
    let server = RealServer::start();
    let user = User::of(&server.address);
    let keeping = user.keeping();
    let (mut acknowledged, mut number, mut kills) = (Vec::new(), 0, 0);
    for call in ["write", "writev", "sendto", "fdatasync", "rename", "unlink", "flock", "fsync", "ftruncate"]
    {
        for nth in 1..=12 {
            for _ in 0..2 {
                number += 1;
                let data = format!("{{\"lane\":0,\"number\":{number}}}");
                let told = keeping.run(&["emit", "a.b", "--session", "calls", "--data", &data, "--json"]);
                acknowledged.push(told.json()["id"].as_str().unwrap().to_owned());
            }
            let (killed, _) = kill_at_call(&user, call, nth, &["spool", "send"]);
            if !killed {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 5, "only {kills} kills hit");
    user.run(&["spool", "send"]).expect(0);
    assert_eq!(user.waiting()["events"], 0);
    assert_eq!(server.events("calls").len(), acknowledged.len());
    assert_whole(&server, "calls", &acknowledged);
}

#[test]
fn an_emit_killed_at_each_of_its_calls_harms_no_other_event() {
    let server = RealServer::start();
    let sending = User::of(&server.address);
    let user = sending.keeping();
    let (mut acknowledged, mut number, mut kills) = (Vec::new(), 0, 0);
    let mut emit = |user: &User, kill: Option<(&str, u32)>| {
        number += 1;
        let data = format!("{{\"lane\":0,\"number\":{number}}}");
        let arguments = ["emit", "a.b", "--session", "emit", "--data", &data, "--json"];
        let (killed, told) = match kill {
            Some((call, nth)) => kill_at_call(user, call, nth, &arguments),
            None => (false, user.run(&arguments).expect(0)),
        };
        if let Ok(told) = serde_json::from_str::<Value>(&told) {
            acknowledged.push(told["id"].as_str().unwrap().to_owned());
        }
        killed
    };
    for call in ["write", "fdatasync", "fsync", "flock", "openat", "mkdir", "lseek"] {
        for nth in 1..=10 {
            emit(&user, None);
            if !emit(&user, Some((call, nth))) {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 5, "only {kills} kills hit");
    sending.run(&["spool", "send"]).expect(0);
    let waiting = user.waiting();
    assert_eq!((&waiting["events"], &waiting["damaged"]), (&0.into(), &0.into()));
    assert_whole(&server, "emit", &acknowledged);
}

#[test]
fn a_lock_does_not_outlive_the_process_that_was_killed_with_it() {
    let server = RealServer::start();
    let proxy = Proxy::before(&server.address);
    let user = User::without_key(&proxy.address);
    user.run(&["emit", "a.b", "--session", "s"]).expect(0);
    let user = user.with("REMOTE_AGENT_API_KEY", KEY);
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    proxy.watch(move |moment| {
        noted.store(true, Ordering::Relaxed);
        if moment == Moment::Request { Fault::BeforeRequest } else { Fault::None }
    });
    let mut background = user.start(&["spool", "send", "--background"]);
    wait_for("the sender to ask", || asked.load(Ordering::Relaxed));
    background.kill().unwrap();
    background.wait().unwrap();
    proxy.behave();
    assert!(Path::new(&user.spool().join("background")).exists());
    assert_eq!(user.run(&["spool", "send"]).expect(0), "sent 1 event\n");
    assert_eq!(server.events("s").len(), 1);
}

#[test]
fn a_sender_that_is_stopped_in_the_middle_blocks_no_emit() {
    let server = RealServer::start();
    let proxy = Proxy::before(&server.address);
    let user = User::without_key(&proxy.address);
    user.run(&["emit", "a.b", "--session", "s"]).expect(0);
    let user = user.with("REMOTE_AGENT_API_KEY", KEY);
    let child: Arc<Mutex<Option<Child>>> = Arc::new(Mutex::new(None));
    let (stopped, held) = (Arc::new(AtomicBool::new(false)), Arc::clone(&child));
    let noted = Arc::clone(&stopped);
    proxy.watch(move |_| {
        // It may ask before the test has noted which process it is.
        while !noted.load(Ordering::Relaxed) {
            if let Some(child) = held.lock().unwrap().as_ref() {
                signal(child, "STOP");
                noted.store(true, Ordering::Relaxed);
            }
        }
        Fault::None
    });
    *child.lock().unwrap() = Some(user.start(&["spool", "send"]));
    wait_for("the sender to be stopped", || stopped.load(Ordering::Relaxed));
    let told = user.run(&["emit", "a.b", "--session", "s"]).expect(0);
    assert!(told.starts_with("kept"), "{told}");
    proxy.behave();
    let mut sender = child.lock().unwrap().take().unwrap();
    signal(&sender, "CONT");
    sender.wait().unwrap();
    assert_eq!(server.events("s").len(), 2, "what came meanwhile is sent by the one that was stopped");
    assert!(!fs::exists(user.spool().join("next-attempt")).unwrap());
}

fn signal(child: &Child, signal: &str) {
    let done =
        std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(done.unwrap().success());
}
