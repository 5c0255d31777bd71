use reqwest::Method;
use reqwest::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helpers::{Ground, KEY, TestApp};

const CLOSED: [(&str, &str); 8] = [
    ("GET", "/api/sessions"),
    ("GET", "/api/sessions/x/transcript"),
    ("POST", "/api/events"),
    ("GET", "/api/version"),
    ("POST", "/api/version/skip"),
    ("GET", "/api/dead-letters"),
    ("GET", "/api/nothing"),
    ("GET", "/api"),
];

#[tokio::test]
async fn everything_under_api_but_health_needs_the_key() {
    let app = TestApp::start(Ground::Embedded).await;
    for (method, path) in CLOSED {
        for header in [None, Some("Bearer wrong"), Some("Basic dGVzdDp0ZXN0"), Some(KEY)] {
            let mut request =
                app.client.request(method.parse::<Method>().unwrap(), format!("{}{path}", app.address));
            if let Some(header) = header {
                request = request.header(AUTHORIZATION, header);
            }
            let status = request.send().await.unwrap().status().as_u16();
            assert!(status == 401 || status == 429, "{method} {path} {header:?}: {status}");
        }
    }
    for path in ["/api/health", "/livez", "/readyz", "/openapi.json", "/docs"] {
        let response = app.client.get(format!("{}{path}", app.address)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
    let in_address = app.client.get(format!("{}/api/sessions?key={KEY}&token={KEY}", app.address));
    assert_ne!(in_address.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn no_spelling_of_a_path_gets_around_the_key() {
    let app = TestApp::start(Ground::Embedded).await;
    let spelled = |path: &str, place: usize, lower: bool| {
        let code = path.as_bytes()[place];
        let code = if lower { format!("%{code:02x}") } else { format!("%{code:02X}") };
        format!("{}{code}{}", &path[..place], &path[place + 1..])
    };
    let mut paths = vec![
        "//api/sessions".to_owned(),
        "/API/sessions".into(),
        "/x/../api/sessions".into(),
        "/api;/sessions".into(),
    ];
    for path in
        ["/api/sessions", "/api/version", "/api/dead-letters", "/api/sessions/x/transcript", "/api/health"]
    {
        for place in 1..path.len() {
            paths.extend([spelled(path, place, false), spelled(path, place, true)]);
        }
    }
    let address = app.address.strip_prefix("http://").unwrap();
    for path in paths {
        // A client library would write the path in another way.
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401") || answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn guessing_is_slowed_and_the_owner_is_never_locked_out() {
    let app = TestApp::start(Ground::Embedded).await;
    let guess = || app.client.get(format!("{}/api/sessions", app.address)).bearer_auth("guess").send();
    let mut last = guess().await.unwrap();
    assert_eq!(last.status(), 401);
    for _ in 0..40 {
        last = guess().await.unwrap();
    }
    assert_eq!(last.status(), 429);
    assert!(last.headers().contains_key("retry-after"));
    assert_eq!(app.get("/api/sessions").await.status(), 200);
}

async fn sign_in(app: &TestApp, key: &str) -> reqwest::Response {
    let body = json!({ "key": key }).to_string();
    app.client.post(format!("{}/sign-in", app.address)).body(body).send().await.unwrap()
}

#[tokio::test]
async fn the_page_signs_in_once_and_its_cookie_changes_nothing_for_another_site() {
    let app = TestApp::start(Ground::Embedded).await;
    assert_eq!(sign_in(&app, "wrong").await.status(), 401);
    let signed_in = sign_in(&app, KEY).await;
    assert_eq!(signed_in.status(), 204);
    let set = signed_in.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/"), "{set}");
    assert!(!set.contains(KEY));
    let cookie = set.split(';').next().unwrap().to_owned();
    let request = |method: Method, path: &str| {
        app.client.request(method, format!("{}{path}", app.address)).header(COOKIE, &cookie)
    };
    assert_eq!(request(Method::GET, "/api/sessions").send().await.unwrap().status(), 200);
    let replay = || request(Method::POST, "/api/dead-letters/replay");
    assert_eq!(replay().send().await.unwrap().status(), 403, "no word on where it comes from");
    assert_eq!(replay().header(ORIGIN, "https://evil.example").send().await.unwrap().status(), 403);
    assert_eq!(replay().header("sec-fetch-site", "cross-site").send().await.unwrap().status(), 403);
    assert_eq!(replay().header(ORIGIN, &app.address).send().await.unwrap().status(), 200);
    assert_eq!(replay().header("sec-fetch-site", "same-origin").send().await.unwrap().status(), 200);
    let wrong = app.client.get(format!("{}/api/sessions", app.address));
    let wrong = wrong.header(COOKIE, "remote_agent_session=9999999999.0.00").send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    let out = app.client.post(format!("{}/sign-out", app.address)).send().await.unwrap();
    assert!(out.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn a_name_of_the_internet_is_not_answered_unless_configured() {
    let app = TestApp::start_with(Ground::Embedded, &[("ALLOWED_HOSTS", "agent.example.org")]).await;
    let ask = |path: &str, host: &str| app.request(Method::GET, path).header(HOST, host).send();
    assert_eq!(ask("/api/sessions", "evil.example").await.unwrap().status(), 421);
    assert_eq!(ask("/docs", "evil.example").await.unwrap().status(), 421);
    assert_eq!(ask("/api/sessions", "agent.example.org").await.unwrap().status(), 200);
    assert_eq!(ask("/api/sessions", "app:5100").await.unwrap().status(), 200);
    assert_eq!(ask("/api/health", "healthcheck.example").await.unwrap().status(), 200);
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_the_page() {
    let app = TestApp::start(Ground::Embedded).await;
    for path in ["/api/health", "/api/sessions", "/docs", "/nothing", "/api/sessions?limit=x"] {
        let response = app.get(path).await;
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header("x-frame-options"), Some("DENY"), "{path}");
        let policy = header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(header("x-request-id").map(str::len), Some(16), "{path}");
        assert_eq!(header("access-control-allow-origin"), None, "{path}");
    }
    let preflight = app.request(Method::OPTIONS, "/api/sessions").header(ORIGIN, "https://evil.example");
    let preflight = preflight.send().await.unwrap();
    assert_eq!(preflight.status(), 405);
    assert!(!preflight.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_refusal_names_its_request_and_says_what_to_do() {
    let app = TestApp::start(Ground::Embedded).await;
    for (path, status) in [
        ("/api/sessions/none", 404),
        ("/nothing", 404),
        ("/api/sessions?limit=0", 400),
        ("/api/sessions?cursor=zz", 400),
        ("/api/activity?from=now", 400),
    ] {
        let response = app.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["requestId"], id.as_str(), "{path}");
        assert!(problem["detail"].as_str().unwrap().len() > 20, "{problem}");
    }
}
