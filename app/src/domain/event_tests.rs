use super::*;

const ID: &str = "6f1c2a52-5d0e-4c8e-9a3e-2f6f0f1f7f10";

fn now() -> DateTime<Utc> {
    "2026-01-30T14:30:00.123456789Z".parse().unwrap()
}

fn parse(json: &serde_json::Value) -> Result<Event, EventError> {
    Event::parse(&json.to_string(), now())
}

fn valid() -> serde_json::Value {
    serde_json::json!({"id": ID, "type": "session.start", "timestamp": "2026-01-30T14:29:59Z"})
}

#[test]
fn each_mistake_names_its_field() {
    let long = "x".repeat(201);
    let cases = [
        ("id", serde_json::json!("7"), "id: must be a UUID"),
        ("id", serde_json::Value::Null, "id: is missing"),
        ("type", serde_json::json!("a b"), "type: must be"),
        ("timestamp", serde_json::json!("yesterday"), "timestamp: must be a time"),
        ("timestamp", serde_json::json!(1), "not an event: invalid type"),
        // In the years -1 and 10000, without their offsets.
        ("timestamp", serde_json::json!("0000-01-01T00:00:00+23:59"), "timestamp: must be a time"),
        ("timestamp", serde_json::json!("9999-12-31T23:59:59-23:59"), "timestamp: must be a time"),
        ("sessionId", serde_json::json!("a/b"), "sessionId: may hold"),
        ("workspace", serde_json::json!("a\u{0}"), "workspace: must not hold control"),
        ("device", serde_json::json!(long), "device: must be at most"),
    ];
    for (field, value, expected) in cases {
        let mut event = valid();
        event[field] = value;
        let error = parse(&event).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{field}: {error}");
    }
}

#[test]
fn data_is_kept_as_it_was_sent() {
    let json = format!(
        r#"{{"id":"{ID}","type":"x","timestamp":"2026-01-30T14:30:00Z","data":{{"b": 1e999, "a": "\u0000\ud800"}}}}"#
    );
    let event = Event::parse(&json, now()).unwrap();
    assert_eq!(event.data.as_ref().unwrap().get(), r#"{"b":1e999,"a":"\u0000\ufffd"}"#);
    let queued = serde_json::to_string(&event.to_stored()).unwrap();
    let read = Event::from_queue(&queued).unwrap();
    assert_eq!(read.data.unwrap().get(), event.data.as_ref().unwrap().get());
    assert_eq!(read.received_at, event.received_at);
}

#[test]
fn a_clock_that_cannot_be_right_is_not_believed() {
    for (timestamp, believed) in [
        ("2026-01-30T14:34:59Z", true),
        ("2026-01-30T14:36:00Z", false),
        ("1970-01-01T00:00:07Z", false),
        ("2026-01-23T14:30:00Z", true),
        ("2026-01-30T15:30:00+01:00", true),
    ] {
        let mut event = valid();
        event["timestamp"] = timestamp.into();
        let event = parse(&event).unwrap();
        let expected = if believed { event.timestamp } else { event.received_at };
        assert_eq!(event.at(), expected, "{timestamp}");
    }
}

#[test]
fn the_digest_is_of_what_was_sent_and_not_of_how_or_when() {
    let mut event = valid();
    event["data"] = serde_json::json!({"a": 1});
    let spaced = serde_json::to_string_pretty(&event).unwrap();
    let later = Event::parse(&spaced, now() + Duration::days(7)).unwrap();
    assert_eq!(parse(&event).unwrap().digest(), later.digest());
    for (field, value) in [("type", "session.end"), ("workspace", "w"), ("device", "w")] {
        let mut other = event.clone();
        other[field] = value.into();
        assert_ne!(parse(&other).unwrap().digest(), later.digest(), "{field}");
    }
    let (mut left, mut right) = (event.clone(), event.clone());
    left["workspace"] = "w".into();
    right["device"] = "w".into();
    assert_ne!(parse(&left).unwrap().digest(), parse(&right).unwrap().digest());
}

#[test]
fn the_largest_event_that_is_taken_can_be_read_from_the_queue() {
    let mut event = valid();
    event["data"] = "a".into();
    let room = LARGEST - event.to_string().len();
    event["data"] = "a".repeat(room + 1).into();
    let event = parse(&event).unwrap();
    let queued = serde_json::to_string(&event.to_stored()).unwrap();
    assert!(queued.len() > LARGEST);
    assert_eq!(Event::from_queue(&queued).unwrap().digest(), event.digest());
}
