//! A session's events are read from the end backwards, all of them, over an interface that pages forwards.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use cli::config::Config;
use cli::folders::Folders;
use cli::server_client::ServerClient;
use cli::tui::read_events::read_back;
use contract::Session;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use crate::stage::now;

/// A server that knows one session with events at these seconds, and pages as the real one does.
fn serve(seconds: Vec<i64>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &seconds);
        }
    });
    Url::parse(&address).unwrap()
}

fn answer(mut stream: TcpStream, seconds: &[i64]) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let target = request.split(' ').nth(1).unwrap().to_owned();
    let url = Url::parse(&format!("http://server{target}")).unwrap();
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    let time = |name: &str| query.get(name).map(|time| time.parse::<DateTime<Utc>>().unwrap());
    let limit: usize = query["limit"].parse().unwrap();
    let begin: usize = query.get("cursor").map_or(0, |cursor| cursor.parse().unwrap());
    let within = |at: &DateTime<Utc>| {
        time("from").is_none_or(|from| *at >= from) && time("to").is_none_or(|to| *at < to)
    };
    let events = seconds.iter().enumerate().map(|(number, second)| (number, event_at(*second)));
    let mut found: Vec<_> = events.filter(|(_, at)| within(at)).skip(begin).take(limit + 1).collect();
    let more = found.len() > limit;
    found.truncate(limit);
    let items: Vec<_> = found
        .iter()
        .map(|(number, at)| {
            json!({"id": number.to_string(), "type": "note", "timestamp": at, "receivedAt": at, "at": at,
                   "sessionId": "s", "workspace": null, "device": null, "data": null})
        })
        .collect();
    let next = more.then(|| (begin + limit).to_string());
    let body = json!({"items": items, "nextCursor": next}).to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).unwrap();
}

fn event_at(second: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(second)
}

fn client(url: Url) -> ServerClient {
    let config = Config {
        url,
        api_key: Some(SecretString::from("key-of-no-value")),
        update_check: true,
        device: None,
        folders: Folders::below(Path::new("/nowhere")),
    };
    ServerClient::new(&config).unwrap()
}

/// Reads all of it, stretch by stretch, and tells the order in which it came.
fn read_all(seconds: &[i64]) -> Vec<usize> {
    let client = client(serve(seconds.to_vec()));
    let first_event_at = event_at(seconds[0]);
    let last_event_at = event_at(*seconds.last().unwrap());
    let session = Session { id: "s".into(), first_event_at, last_event_at, ..Session::default() };
    let mut all = Vec::new();
    let mut before = None;
    for _ in 0..60 {
        let (lines, from) = read_back(&client, &session, before).unwrap();
        let mut ids: Vec<usize> = lines.iter().map(|line| line.id.parse().unwrap()).collect();
        ids.append(&mut all);
        all = ids;
        if from <= first_event_at {
            return all;
        }
        before = Some(from);
    }
    panic!("the beginning is never reached");
}

#[test]
fn a_long_quiet_session_and_one_with_a_burst_are_read_whole() {
    let quiet: Vec<i64> = (0..40).map(|number| number * 86_400).collect();
    assert_eq!(read_all(&quiet), (0..40).collect::<Vec<_>>());
    let mut burst: Vec<i64> = (0..30).collect();
    burst.extend(vec![5000; 1200]);
    burst.extend(6000..7000);
    assert_eq!(read_all(&burst), (0..burst.len()).collect::<Vec<_>>());
}

#[test]
fn the_end_is_there_at_once() {
    let seconds: Vec<i64> = (0..5000).map(|number| number * 7).collect();
    let client = client(serve(seconds));
    let session = Session {
        id: "s".into(),
        first_event_at: event_at(0),
        last_event_at: event_at(7 * 4999),
        ..Session::default()
    };
    let (lines, from) = read_back(&client, &session, None).unwrap();
    assert_eq!(lines.last().unwrap().id, "4999");
    assert!(lines.len() <= 500 && from > event_at(0), "{} lines", lines.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_event_is_read_once_and_in_order(gaps in prop::collection::vec(prop_oneof![Just(0i64), 0i64..5, 0i64..90_000], 1..900)) {
        let mut at = 0;
        let seconds: Vec<i64> = gaps.iter().map(|gap| { at += gap; at }).collect();
        prop_assert_eq!(read_all(&seconds), (0..seconds.len()).collect::<Vec<_>>());
    }
}
