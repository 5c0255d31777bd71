use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use reqwest::{Client, Method, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::helpers::{Ground, TestApp};

/// A client that shows what was sent, compressed or not.
fn bare() -> Client {
    crate::helpers::install_crypto();
    Client::builder().no_proxy().no_gzip().build().unwrap()
}

/// Without the key, as a browser asks that nobody has signed in with.
async fn open(app: &TestApp, method: Method, path: &str) -> Response {
    bare().request(method, format!("{}{path}", app.address)).send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_page_and_each_of_its_files_answer_without_the_key_and_with_the_headers_that_protect_them() {
    let app = TestApp::start(Ground::Embedded).await;
    let paths: Vec<String> = app::page::paths().collect();
    assert!(paths.len() > 20 && paths.iter().any(|path| path == "/page/page.js"), "{paths:?}");
    for path in paths {
        let response = open(&app, Method::GET, &path).await;
        assert_eq!(response.status(), 200, "{path}");
        let kind = match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!(header(&response, "content-type"), kind, "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "cache-control"), "no-cache", "{path}");
        let policy = header(&response, "content-security-policy");
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        let tag = response.headers()[ETAG].clone();
        let text = response.text().await.unwrap();
        assert!(!text.is_empty(), "{path}");
        let head = open(&app, Method::HEAD, &path).await;
        assert_eq!(
            (head.status().as_u16(), header(&head, "content-length")),
            (200, &*text.len().to_string())
        );
        let known = bare().get(format!("{}{path}", app.address)).header(IF_NONE_MATCH, tag);
        let known = known.send().await.unwrap();
        assert_eq!(known.status(), 304, "{path}");
        assert!(known.bytes().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn nothing_in_the_page_is_inline_so_that_its_policy_can_be_strict() {
    let app = TestApp::start(Ground::Embedded).await;
    let shell = open(&app, Method::GET, "/").await.text().await.unwrap();
    assert!(!shell.contains("<style") && !shell.contains("style=") && !shell.contains(" on"), "{shell}");
    for script in shell.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(tag.contains("src=\"/page/") && rest.starts_with("</script>"), "{tag}");
    }
}

#[tokio::test]
async fn files_come_with_gzip_where_it_is_taken_and_as_they_are_where_not() {
    let app = TestApp::start(Ground::Embedded).await;
    let url = format!("{}/page/page.css", app.address);
    let plain = bare().get(&url).header(ACCEPT_ENCODING, "identity").send().await.unwrap();
    let refusing = bare().get(&url).header(ACCEPT_ENCODING, "gzip;q=0, br").send().await.unwrap();
    let zipped = bare().get(&url).header(ACCEPT_ENCODING, "br, gzip").send().await.unwrap();
    assert_eq!((header(&plain, "content-encoding"), header(&refusing, "content-encoding")), ("", ""));
    assert_eq!(zipped.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(header(&zipped, "vary"), "accept-encoding");
    assert_ne!(zipped.headers()[ETAG], plain.headers()[ETAG]);
    let (plain, zipped) = (plain.bytes().await.unwrap(), zipped.bytes().await.unwrap());
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&zipped[..]), &mut text).unwrap();
    assert_eq!(text.as_bytes(), plain);
    assert!(zipped.len() < plain.len());
}

#[tokio::test]
async fn no_path_beside_the_pages_own_became_open() {
    let app = TestApp::start(Ground::Embedded).await;
    let address = app.address.strip_prefix("http://").unwrap();
    for path in [
        "/page/../api/sessions",
        "/page/..%2fapi/sessions",
        "/page/%2e%2e/api/sessions",
        "/page/api/sessions",
        "/page//api/sessions",
        "/%70age/page.js",
        "/page/%70age.js",
        "/page/page.js/",
        "/page/page.js;/api/sessions",
        "/page/unknown.js",
        "/page/index.html",
        "/page/",
        "/page",
        "/Page/page.js",
        "//page/page.js",
        "//",
        "/settings/",
        "/settings/api",
        "/%73ettings",
        "/update-banner.js/",
        "/index.html",
        "/Cargo.toml",
        "/page/../Cargo.toml",
    ] {
        // A client library would write the path in another way.
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401") || answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
    assert_eq!(app.get("/page/unknown.js").await.status(), 404);
    assert_eq!(app.request(Method::POST, "/").send().await.unwrap().status(), 405);
}

/// What plays the watcher: each answer in its turn, the last one for ever; and how many it gave.
async fn watcher(answers: Vec<Vec<u8>>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let turn = counter.fetch_add(1, Ordering::SeqCst);
            let mut head = [0; 4096];
            drop(stream.read(&mut head).await);
            let answer = &answers[turn.min(answers.len() - 1)];
            drop(stream.write_all(answer).await);
            if answer.is_empty() {
                // Held open, so that whoever asked waits.
                held.push(stream);
            }
        }
    });
    (address, asked)
}

fn http(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

async fn beside(answers: Vec<Vec<u8>>) -> (TestApp, Arc<AtomicUsize>) {
    let (url, asked) = watcher(answers).await;
    (TestApp::start_with(Ground::Embedded, &[("WATCHER_URL", &url)]).await, asked)
}

#[tokio::test]
async fn the_banners_script_is_passed_on_without_the_key_and_kept_while_the_watcher_is_away() {
    let script = "export const banner = 1;\n";
    let good = http("200 OK", "text/javascript; charset=utf-8", script);
    let (app, asked) = beside(vec![good, http("500 Oh", "text/javascript", "oh")]).await;
    let first = open(&app, Method::GET, "/update-banner.js").await;
    assert_eq!(first.status(), 200);
    assert_eq!(header(&first, "content-type"), "text/javascript; charset=utf-8");
    assert!(header(&first, "content-security-policy").starts_with("default-src 'self'"));
    let tag = first.headers()[ETAG].clone();
    assert_eq!(first.text().await.unwrap(), script);
    let known = bare().get(format!("{}/update-banner.js", app.address)).header(IF_NONE_MATCH, &tag);
    assert_eq!(known.send().await.unwrap().status(), 304);
    let head = open(&app, Method::HEAD, "/update-banner.js").await;
    assert_eq!((head.status().as_u16(), head.headers()[ETAG].clone()), (200, tag));
    let kept = async || {
        let again = open(&app, Method::GET, "/update-banner.js").await;
        assert_eq!(again.status(), 200);
        assert_eq!(again.text().await.unwrap(), script);
        asked.load(Ordering::SeqCst) >= 2
    };
    app.wait_for("the watcher to be asked again", kept).await;
    kept().await;
}

#[tokio::test]
async fn many_who_ask_for_the_script_at_once_cost_the_watcher_one_request() {
    let (app, asked) = beside(vec![http("200 OK", "text/javascript", "1;")]).await;
    let asking = (0..20).map(|_| open(&app, Method::GET, "/update-banner.js"));
    for answer in futures_util::future::join_all(asking).await {
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_watcher_that_hangs_keeps_nobody_waiting_for_a_script_that_is_known() {
    // The first answer is whole; the others never come.
    let (app, asked) = beside(vec![http("200 OK", "text/javascript", "1;"), Vec::new()]).await;
    assert_eq!(open(&app, Method::GET, "/update-banner.js").await.status(), 200);
    let quick = async || {
        let started = Instant::now();
        assert_eq!(open(&app, Method::GET, "/update-banner.js").await.status(), 200);
        assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
        asked.load(Ordering::SeqCst) >= 2
    };
    app.wait_for("the watcher to be asked again", quick).await;
    quick().await;
}

#[tokio::test]
async fn what_is_no_script_or_too_large_or_away_is_not_passed_on() {
    let huge = "x".repeat((64 << 10) + 1);
    for (what, answer) in [
        ("a page", http("200 OK", "text/html", "<script>alert(1)</script>")),
        ("no type", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n1;".to_vec()),
        ("JSON in its place", http("200 OK", "application/json", "{}")),
        ("too large", http("200 OK", "text/javascript", &huge)),
        ("an error", http("502 Bad", "text/javascript", "1;")),
        (
            "a redirect",
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/x.js\r\ncontent-length: 0\r\n\r\n".to_vec(),
        ),
        ("cut off", b"HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\ncontent-length: 99\r\n\r\n1;".to_vec()),
        (
            "no UTF-8",
            b"HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\ncontent-length: 1\r\nconnection: close\r\n\r\n\xff".to_vec(),
        ),
    ] {
        let (app, _) = beside(vec![answer]).await;
        let response = open(&app, Method::GET, "/update-banner.js").await;
        assert_eq!(response.status(), 503, "{what}");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json", "{what}");
        assert!(response.text().await.unwrap().contains("WATCHER_URL"), "{what}");
    }
    let none = TestApp::start(Ground::Embedded).await;
    assert_eq!(open(&none, Method::GET, "/update-banner.js").await.status(), 503);
}

#[tokio::test]
async fn a_language_is_passed_on_as_json_and_only_as_two_letters() {
    let (app, asked) = beside(vec![http("200 OK", "application/json", r#"{"check":"Jetzt prüfen"}"#)]).await;
    let german = open(&app, Method::GET, "/update-banner.js?lang=de").await;
    assert_eq!((german.status().as_u16(), header(&german, "content-type")), (200, "application/json"));
    assert!(german.text().await.unwrap().contains("prüfen"));
    // Without a language JSON is no script.
    for query in ["", "?lang=deu", "?lang=D%26", "?lang=%ff&lang=de", "?other=de"] {
        let script = open(&app, Method::GET, &format!("/update-banner.js{query}")).await;
        assert_eq!(script.status(), 503, "{query}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let (app, _) = beside(vec![http("404 Not Found", "application/problem+json", "{}")]).await;
    assert_eq!(open(&app, Method::GET, "/update-banner.js?lang=xx").await.status(), 404);
    // A watcher without the script is one that is too old; that says nothing of languages.
    assert_eq!(open(&app, Method::GET, "/update-banner.js").await.status(), 503);
}
