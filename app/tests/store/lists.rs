//! Reading: pages that stay in place, and what lists are narrowed to.

use app::domain::page::{Cursor, Filter, PageRequest};
use contract::Page;
use serde_json::json;

use crate::home::{Home, event, id, second};

crate::for_both!(
    pages_of_activity_stay_in_place_while_events_come,
    pages_of_a_sessions_events_go_on_with_what_came_meanwhile,
    a_page_of_large_events_ends_early_and_the_next_one_goes_on,
    sessions_are_listed_by_their_earliest_event_newest_first,
    sessions_are_narrowed,
    events_and_activity_are_narrowed,
    workspaces_are_listed_by_name,
    activity_tells_what_the_client_told,
    what_is_not_there_is_not_found,
    a_cursor_of_another_list_is_no_error,
);

fn next<T>(page: &Page<T>, limit: u32) -> Option<PageRequest> {
    let after = page.next_cursor.as_ref().map(|cursor| Cursor::decode(cursor).unwrap())?;
    Some(PageRequest { after: Some(after), limit })
}

async fn pages_of_activity_stay_in_place_while_events_come(home: Home) {
    let store = home.store().await;
    // Several at the same time: the id decides.
    let events: Vec<_> =
        (0..25).map(|number| event(number, "git.commit", (number / 4) as i64, json!({}))).collect();
    store.insert(&events).await.unwrap();
    let mut expected: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
    expected.reverse();
    let (mut seen, mut request) = (Vec::new(), Some(PageRequest { after: None, limit: 4 }));
    let mut number = 100;
    while let Some(asked) = request {
        let page = store.activity(&Filter::default(), &asked).await.unwrap();
        assert!(page.items.len() <= 4 && !page.items.is_empty());
        seen.extend(page.items.iter().map(|activity| activity.id.clone()));
        request = next(&page, 4);
        // Newer ones come before the first page and move nothing.
        number += 1;
        store.insert(&[event(number, "git.push", 900, json!({}))]).await.unwrap();
    }
    assert_eq!(seen, expected);
}

async fn pages_of_a_sessions_events_go_on_with_what_came_meanwhile(home: Home) {
    let store = home.store().await;
    let in_session =
        |number: u64, at: i64| event(number, "note", at, json!({"sessionId": "s", "data": {"n": number}}));
    let events: Vec<_> = (0..10).map(|number| in_session(number, (number / 3) as i64)).collect();
    store.insert(&events).await.unwrap();
    store.insert(&[event(50, "note", 2, json!({"sessionId": "t"}))]).await.unwrap();
    let first = PageRequest { after: None, limit: 4 };
    let page = store.session_events("s", &Filter::default(), &first).await.unwrap();
    let mut seen: Vec<String> = page.items.iter().map(|event| event.id.clone()).collect();
    // One before the place is not seen any more, one after it is.
    store.insert(&[in_session(20, 0), in_session(21, 99)]).await.unwrap();
    let mut request = next(&page, 3);
    while let Some(asked) = request {
        let page = store.session_events("s", &Filter::default(), &asked).await.unwrap();
        seen.extend(page.items.iter().map(|event| event.id.clone()));
        request = next(&page, 3);
    }
    let expected: Vec<String> = (0..10).chain([21]).map(|number| id(number).to_string()).collect();
    assert_eq!(seen, expected);
}

async fn a_page_of_large_events_ends_early_and_the_next_one_goes_on(home: Home) {
    let store = home.store().await;
    let text = "x".repeat(500_000);
    for number in 0..20 {
        let data = json!({"text": text});
        let large = event(number, "note", (number / 3) as i64, json!({"sessionId": "s", "data": data}));
        store.insert(&[large]).await.unwrap();
    }
    let small: Vec<_> =
        (20..220).map(|number| event(number, "note", 900, json!({"sessionId": "s"}))).collect();
    store.insert(&small).await.unwrap();
    let (mut seen, mut sizes) = (Vec::new(), Vec::new());
    let mut request = Some(PageRequest { after: None, limit: 500 });
    while let Some(asked) = request {
        let page = store.session_events("s", &Filter::default(), &asked).await.unwrap();
        sizes.push(page.items.len());
        seen.extend(page.items.iter().map(|event| event.id.clone()));
        request = next(&page, 500);
    }
    assert_eq!(sizes, [9, 9, 202]);
    assert_eq!(seen, (0..220).map(|number| id(number).to_string()).collect::<Vec<_>>());
    let one = PageRequest { after: None, limit: 1 };
    assert_eq!(store.session_events("s", &Filter::default(), &one).await.unwrap().items.len(), 1);
}

async fn sessions_are_listed_by_their_earliest_event_newest_first(home: Home) {
    let store = home.store().await;
    for (number, session, at) in
        [(1, "b", 10), (2, "a", 10), (3, "c", 30), (4, "d", 20), (5, "d", 90), (6, "B", 10)]
    {
        store.insert(&[event(number, "note", at, json!({"sessionId": session}))]).await.unwrap();
    }
    let (mut seen, mut request) = (Vec::new(), Some(PageRequest { after: None, limit: 2 }));
    while let Some(asked) = request {
        let page = store.sessions(&Filter::default(), &asked).await.unwrap();
        seen.extend(page.items.iter().map(|session| session.id.clone()));
        request = next(&page, 2);
    }
    assert_eq!(seen, ["c", "d", "b", "a", "B"]);
}

async fn sessions_are_narrowed(home: Home) {
    let store = home.store().await;
    for (number, session, workspace, kind, at) in [
        (1, "a", "w", "session.start", 10),
        (2, "a", "w", "git.commit", 11),
        (3, "b", "w", "session.start", 20),
        (4, "c", "x", "session.start", 30),
        (5, "c", "x", "git.commit", 31),
    ] {
        let fields = json!({"sessionId": session, "workspace": workspace});
        store.insert(&[event(number, kind, at, fields)]).await.unwrap();
    }
    let workspace = |name: &str| Filter { workspace: Some(name.to_owned()), ..Filter::default() };
    let kind = |kind: &str| Filter { kind: Some(kind.to_owned()), ..Filter::default() };
    for (filter, expected) in [
        (workspace("w"), vec!["b", "a"]),
        (workspace("W"), vec![]),
        (kind("git.commit"), vec!["c", "a"]),
        (Filter { kind: Some("git.commit".to_owned()), ..workspace("w") }, vec!["a"]),
        (kind("git.push"), vec![]),
        (Filter { from: Some(second(20)), ..Filter::default() }, vec!["c", "b"]),
        (Filter { to: Some(second(30)), from: Some(second(11)), ..Filter::default() }, vec!["b"]),
    ] {
        let page = store.sessions(&filter, &PageRequest::default()).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(|session| session.id.as_str()).collect();
        assert_eq!(ids, expected, "{filter:?}");
        assert_eq!(page.next_cursor, None);
    }
}

async fn events_and_activity_are_narrowed(home: Home) {
    let store = home.store().await;
    for number in 0..20_u64 {
        let kind = if number % 2 == 0 { "git.commit" } else { "git.push" };
        let fields = json!({"sessionId": "s", "workspace": format!("w{}", number % 4)});
        store.insert(&[event(number, kind, number as i64, fields)]).await.unwrap();
    }
    let filter = Filter {
        workspace: Some("w2".to_owned()),
        kind: Some("git.commit".to_owned()),
        from: Some(second(6)),
        to: Some(second(18)),
    };
    let events = store.session_events("s", &filter, &PageRequest::default()).await.unwrap().items;
    let events: Vec<_> = events.into_iter().map(|event| event.id).collect();
    let mut activity: Vec<_> = store
        .activity(&filter, &PageRequest::default())
        .await
        .unwrap()
        .items
        .into_iter()
        .map(|activity| activity.id)
        .collect();
    activity.reverse();
    assert_eq!(events, [id(6), id(10), id(14)].map(|id| id.to_string()));
    assert_eq!(activity, events);
}

async fn workspaces_are_listed_by_name(home: Home) {
    let store = home.store().await;
    for (number, name, at) in [(1, "b", 5), (2, "B", 1), (3, "a b/é", 2), (4, "b", 3)] {
        store.insert(&[event(number, "note", at, json!({"workspace": name}))]).await.unwrap();
    }
    let workspaces = store.workspaces().await.unwrap();
    let names: Vec<_> = workspaces.iter().map(|workspace| workspace.name.as_str()).collect();
    assert_eq!(names, ["B", "a b/é", "b"]);
    let last = &workspaces[2];
    assert_eq!((last.events, last.first_event_at, last.last_event_at), (2, Some(second(3)), Some(second(5))));
    assert_eq!(last.folder, None);
}

async fn activity_tells_what_the_client_told(home: Home) {
    let store = home.store().await;
    let data =
        json!({"repository": "r", "branch": "main", "sha": "abc", "subject": "one\ntwo", "additions": 3});
    let fields = json!({"sessionId": "s", "workspace": "w", "device": "d", "data": data});
    store.insert(&[event(1, "git.commit", 7, fields)]).await.unwrap();
    let page = store.activity(&Filter::default(), &PageRequest::default()).await.unwrap();
    let told = serde_json::to_value(&page.items[0]).unwrap();
    assert_eq!(
        told,
        json!({
            "id": id(1).to_string(), "type": "git.commit", "at": second(7), "workspace": "w", "sessionId": "s",
            "device": "d", "repository": "r", "branch": "main", "sha": "abc", "subject": "one", "additions": 3,
            "deletions": null,
        })
    );
}

async fn what_is_not_there_is_not_found(home: Home) {
    let store = home.store().await;
    assert_eq!(store.session("none").await.unwrap(), None);
    assert!(store.event(id(1)).await.unwrap().is_none());
    assert_eq!(store.transcript("none").await.unwrap(), None);
    let events = store.session_events("none", &Filter::default(), &PageRequest::default()).await.unwrap();
    assert!(events.items.is_empty() && events.next_cursor.is_none());
}

async fn a_cursor_of_another_list_is_no_error(home: Home) {
    let store = home.store().await;
    store.insert(&[event(1, "git.push", 7, json!({"sessionId": "s"}))]).await.unwrap();
    let after = Some(Cursor { at: second(8), id: "a-session".to_owned() });
    let request = PageRequest { after, limit: 1 };
    assert_eq!(store.activity(&Filter::default(), &request).await.unwrap().items.len(), 1);
    assert!(store.session_events("s", &Filter::default(), &request).await.unwrap().items.is_empty());
}
