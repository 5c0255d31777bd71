use std::sync::Arc;
use std::sync::atomic::Ordering;

use app::accept_events::{AcceptError, Intake, accept_events};
use app::event_queue::Limits;
use chrono::Utc;
use contract::BatchReceipt;
use serde_json::{Value, json};
use test_servers::redis::RedisOptions;
use uuid::Uuid;

use crate::fake_store::FakeStore;
use crate::fixture::{Fixture, sent};

async fn store_directly(
    fixture: &Fixture,
    store: &Arc<FakeStore>,
    body: &str,
) -> Result<BatchReceipt, AcceptError> {
    accept_events(&Intake::Store(store.clone()), &fixture.metrics, body.as_bytes(), Utc::now()).await
}

fn mixed() -> (Value, [Uuid; 2]) {
    let ids = [Uuid::new_v4(), Uuid::new_v4()];
    let first = sent(ids[0], &json!({"n": 1}));
    let mut conflict = first.clone();
    conflict["data"] = json!({"n": 2});
    let mut untimed = sent(Uuid::new_v4(), &json!(0));
    untimed["timestamp"] = json!("yesterday");
    let batch = [first.clone(), json!(7), untimed, first, conflict, sent(ids[1], &json!("\u{0}"))];
    (json!({"events": batch}), ids)
}

fn check(receipt: &BatchReceipt, body: &Value) {
    assert_eq!((receipt.accepted, receipt.duplicates), (2, 1));
    let rejected: Vec<_> = receipt.rejected.iter().map(|event| event.index).collect();
    assert_eq!(rejected, [1, 2, 4]);
    assert_eq!(receipt.rejected[0].id, None);
    assert_eq!(receipt.rejected[1].id.as_deref(), body["events"][2]["id"].as_str());
    assert!(receipt.rejected[1].error.starts_with("timestamp: "));
    assert_eq!(receipt.rejected[2].error, "id: was already used for another event; the first one is kept");
}

#[tokio::test]
async fn each_event_of_a_batch_is_judged_on_its_own_and_sending_it_again_is_harmless() {
    let fixture = Fixture::start();
    let (body, ids) = mixed();
    check(&fixture.accept(&body).await.unwrap(), &body);
    let again = fixture.accept(&body).await.unwrap();
    assert_eq!((again.accepted, again.duplicates, again.rejected.len()), (0, 3, 3));
    fixture.consumer("one").consume_once().await.unwrap();
    assert!(fixture.store.count() == 2 && ids.iter().all(|id| fixture.store.has(*id)));
    assert_eq!(fixture.metric("remote_agent_events_rejected_total{reason=\"conflict\"}"), 2.0);
}

#[tokio::test]
async fn without_a_queue_events_are_judged_the_same_way() {
    let (fixture, store) = (Fixture::start(), Arc::new(FakeStore::default()));
    let (body, _) = mixed();
    check(&store_directly(&fixture, &store, &body.to_string()).await.unwrap(), &body);
    let again = store_directly(&fixture, &store, &body.to_string()).await.unwrap();
    assert_eq!((again.accepted, again.duplicates, again.rejected.len()), (0, 3, 3));
}

#[tokio::test]
async fn an_event_that_the_database_refuses_does_not_take_its_batch_with_it() {
    let (fixture, store) = (Fixture::start(), Arc::new(FakeStore::default()));
    let ids: Vec<Uuid> = (0..500).map(|_| Uuid::new_v4()).collect();
    store.refused.lock().unwrap().extend([ids[0], ids[123]]);
    store.panics.lock().unwrap().insert(ids[499]);
    let batch: Vec<_> = ids.iter().map(|id| sent(*id, &json!(1))).collect();
    let body = json!({"events": batch}).to_string();
    let receipt = store_directly(&fixture, &store, &body).await.unwrap();
    assert_eq!(receipt.accepted, 497);
    let rejected: Vec<_> = receipt.rejected.iter().map(|event| event.index).collect();
    assert_eq!(rejected, [0, 123, 499]);
    assert!(!receipt.rejected[0].error.contains("fake"), "{}", receipt.rejected[0].error);
    assert!(store.calls.load(Ordering::SeqCst) < 70);
}

#[tokio::test]
async fn what_is_no_batch_or_too_much_is_named() {
    let (fixture, store) = (Fixture::start(), Arc::new(FakeStore::default()));
    for wrong in ["", "[]", "{}", "{\"events\":{}}", "{\"events\":[1]", "{\"events\":[\"\u{1}\"]}"] {
        let answer = store_directly(&fixture, &store, wrong).await;
        assert!(matches!(answer, Err(AcceptError::Shape(_))), "{wrong}: {answer:?}");
    }
    let many = json!({"events": vec![json!(1); 501]}).to_string();
    assert!(matches!(store_directly(&fixture, &store, &many).await, Err(AcceptError::TooMany(501))));
    let large = json!({"events": ["a".repeat(2 << 20)]}).to_string();
    assert!(matches!(store_directly(&fixture, &store, &large).await, Err(AcceptError::TooLarge)));
    let none = store_directly(&fixture, &store, "{\"events\":[],\"more\":1}").await.unwrap();
    assert_eq!((none.accepted, none.rejected.len()), (0, 0));
}

#[tokio::test]
async fn a_store_or_queue_that_takes_nothing_now_is_told_as_such() {
    let limits = Limits { entries: 1, ..Limits::default() };
    let (mut fixture, store) =
        (Fixture::start_with(RedisOptions::default(), limits), Arc::new(FakeStore::default()));
    let batch = || json!({"events": [sent(Uuid::new_v4(), &json!(1))]});
    fixture.accept(&batch()).await.unwrap();
    assert!(matches!(fixture.accept(&batch()).await, Err(AcceptError::Full(_))));
    fixture.redis.kill();
    assert!(matches!(fixture.accept(&batch()).await, Err(AcceptError::Unavailable(_))));
    store.away.store(true, Ordering::SeqCst);
    let answer = store_directly(&fixture, &store, &batch().to_string()).await;
    assert!(matches!(answer, Err(AcceptError::Unavailable(_))));
    assert_eq!(fixture.metric("remote_agent_events_accepted_total"), 1.0);
}
