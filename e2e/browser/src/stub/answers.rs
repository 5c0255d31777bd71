//! The routes of a stub.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::Shared;
use super::script::{Asked, Decisions, Forced, Reply, Stream};

pub(super) fn configure(service: &mut ServiceConfig) {
    service
        .route("/", web::get().to(page))
        .route("/page.css", web::get().to(style))
        .route("/favicon.ico", web::get().to(HttpResponse::NoContent))
        .route("/update-banner.js", web::get().to(module))
        .route("/api/version", web::get().to(version))
        .route("/api/version/skip", web::post().to(skip))
        .route("/api/version/skip", web::delete().to(unskip))
        .route("/api/version/snooze", web::post().to(snooze))
        .route("/api/version/snooze", web::delete().to(unsnooze))
        .route("/api/version/stream", web::get().to(stream))
        .route("/api/changelog", web::get().to(changelog))
        .default_service(web::to(other));
}

fn note(shared: &Shared, request: &HttpRequest, body: &[u8]) {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let line = format!("{} {path}", request.method());
    shared.script().asked.push(Asked { line, body: String::from_utf8_lossy(body).into_owned() });
}

async fn page(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    note(&shared, &request, b"");
    let script = shared.script();
    let direction =
        if script.direction.is_empty() { String::new() } else { format!(" dir=\"{}\"", script.direction) };
    let text = format!(
        "<!doctype html><html lang=\"{}\"{direction}><head><meta charset=\"utf-8\"><title>A page</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <link rel=\"stylesheet\" href=\"/page.css\">\
         <script type=\"module\" src=\"/update-banner.js\"></script></head><body>{}</body></html>",
        script.language, script.body
    );
    HttpResponse::Ok()
        .insert_header(("content-security-policy", script.policy.clone()))
        .content_type("text/html; charset=utf-8")
        .body(text)
}

async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("page.css"))
}

async fn module(
    shared: Data<Shared>,
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
) -> HttpResponse {
    note(&shared, &request, b"");
    match query.get("lang").map(|language| shared.served.words.get(language)) {
        None => HttpResponse::Ok()
            .content_type("text/javascript; charset=utf-8")
            .body(shared.served.module.as_str()),
        Some(Some(words)) if shared.script().has_words => {
            HttpResponse::Ok().content_type("application/json").body(words.as_str())
        }
        Some(_) => problem(404),
    }
}

async fn version(
    shared: Data<Shared>,
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
) -> HttpResponse {
    note(&shared, &request, b"");
    let (reply, forced) = {
        let script = shared.script();
        (script.version, script.forced.clone())
    };
    match reply {
        Reply::Status(status) => return problem(status),
        Reply::Garbage => return HttpResponse::Ok().content_type("text/html").body("<!doctype html>oh"),
        Reply::Never => std::future::pending::<()>().await,
        Reply::Fine => {}
    }
    if query.get("force").is_some_and(|force| force == "true") {
        return force(&shared, forced).await;
    }
    json_answer(shared.script().state_of(&query))
}

async fn force(shared: &Shared, forced: Forced) -> HttpResponse {
    match forced {
        Forced::Done(delay, state) => {
            tokio::time::sleep(delay).await;
            if let Some(state) = state {
                shared.script().state = state;
                shared.changed();
            }
            let mut state = shared.script().state.clone();
            state["forced"] = json!(true);
            json_answer(&state)
        }
        Forced::Refused(seconds) => {
            let mut state = shared.script().state.clone();
            state["forced"] = json!(false);
            state["retryAfterSeconds"] = json!(seconds);
            HttpResponse::Ok().insert_header(("retry-after", seconds.to_string())).json(state)
        }
    }
}

async fn skip(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let sent: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    decide(&shared, &request, &body, "skipped", sent["version"].clone())
}

async fn unskip(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    decide(&shared, &request, b"", "skipped", Value::Null)
}

async fn snooze(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let sent: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    decide(&shared, &request, &body, "snoozedUntil", sent["until"].clone())
}

async fn unsnooze(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    decide(&shared, &request, b"", "snoozedUntil", Value::Null)
}

/// As the watcher does: a skip does not hold a security fix.
fn decide(shared: &Shared, request: &HttpRequest, body: &[u8], key: &str, value: Value) -> HttpResponse {
    note(shared, request, body);
    let mut script = shared.script();
    if let Decisions::Status(status) = script.decisions {
        return problem(status);
    }
    if key != "skipped" || script.state["severity"] != "security" {
        script.state[key] = value;
    }
    let state = script.state.clone();
    drop(script);
    shared.changed();
    json_answer(&state)
}

async fn stream(
    shared: Data<Shared>,
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
) -> HttpResponse {
    note(&shared, &request, b"");
    if let Stream::Status(status) = shared.script().stream {
        return problem(status);
    }
    let changes = shared.revision.subscribe();
    let first = Follower { held: Arc::clone(&shared.open_streams), shared, changes, query, greeted: false };
    let events = stream::unfold(first, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("cache-control", "no-cache"))
        .streaming(events)
}

/// One open stream.
struct Follower {
    shared: Data<Shared>,
    changes: watch::Receiver<u64>,
    query: Query<HashMap<String, String>>,
    greeted: bool,
    /// Counts it among those that are open.
    #[expect(dead_code, reason = "only to be dropped")]
    held: Arc<()>,
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        if std::mem::replace(&mut self.greeted, true) {
            self.changes.changed().await.ok()?;
        }
        // A stub that turned silent ends its streams too.
        let script = self.shared.script().clone();
        if script.version != Reply::Fine || script.stream != Stream::Live {
            return None;
        }
        let state = script.state_of(&self.query);
        Some(Bytes::from(format!("retry: 5000\nevent: version\ndata: {state}\n\n")))
    }
}

async fn changelog(
    shared: Data<Shared>,
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
) -> HttpResponse {
    note(&shared, &request, b"");
    let page: usize = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let script = shared.script();
    match script.changelog.get(page.saturating_sub(1)) {
        Some(answer) => json_answer(answer),
        None => problem(404),
    }
}

async fn other(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    note(&shared, &request, &body);
    problem(404)
}

fn json_answer(value: &Value) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(value)
}

fn problem(status: u16) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "title": "refused", "status": status.as_u16(), "detail": "as the script says" });
    HttpResponse::build(status).content_type("application/problem+json").body(body.to_string())
}
