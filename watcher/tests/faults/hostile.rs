//! Text from upstream is only ever shown, and only after it was made harmless.

use fake_github::{Door, FakeGithub, NewRelease};
use serde_json::{Value, json};

use crate::bench::Program;
use crate::helpers::{REPO, github, settings, spawn};

/// Notes that want to be more than text.
const NOTES: &[&str] = &[
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=\"jav&#x09;ascript:alert('x');\">",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](java\u{0}script:alert(1))",
    "[click](vbscript:msgbox(1))",
    "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![x](javascript:alert(1))",
    "<a href=\"&#106;avascript:alert(1)\">x</a>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object><embed src=\"javascript:alert(1)\">",
    "<form action=\"javascript:alert(1)\"><button formaction=\"javascript:alert(1)\">x</button></form>",
    "<style>@import 'javascript:alert(1)';</style><link rel=stylesheet href=\"//evil.example\">",
    "<base href=\"javascript:alert(1)//\"><meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<div style=\"background:url(javascript:alert(1))\" onclick=alert(1) onmouseover='alert(1)'>x</div>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "`<script>` <details open ontoggle=alert(1)>",
    "<template><script>alert(1)</script></template><xmp><img src=x onerror=alert(1)></xmp>",
];

/// What must stand in no HTML that is handed out. Text may say anything, so tags and attributes are looked at.
fn assert_inert(html: &str, from: &str) {
    let lower = html.to_ascii_lowercase();
    for tag in lower.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let forbidden = [
            "script", "svg", "math", "iframe", "object", "embed", "form", "button", "style", "link", "base",
            "meta", "template", "noscript", "input", "xmp",
        ];
        assert!(!forbidden.contains(&name.as_str()), "<{tag}> from {from}");
        for bad in [" on", "javascript:", "vbscript:", "data:", "style=", "srcdoc", "formaction"] {
            assert!(!tag.contains(bad), "<{tag}> from {from}");
        }
        if name == "a" && tag.contains("href") {
            assert!(tag.contains("noopener") && tag.contains("nofollow"), "<{tag}> from {from}");
        }
    }
}

/// Every HTML in an answer.
fn all_html(value: &Value) -> Vec<String> {
    match value {
        Value::Object(entries) => entries
            .iter()
            .flat_map(|(key, value)| match value.as_str().filter(|_| key.to_lowercase().ends_with("html")) {
                Some(html) => vec![html.to_owned()],
                None => all_html(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(all_html).collect(),
        _ => Vec::new(),
    }
}

/// S-18, I11.
#[tokio::test]
async fn notes_are_handed_out_as_harmless_html() {
    let fake = github(&["v1.2.3"]).await;
    for (number, notes) in NOTES.iter().enumerate() {
        fake.repo(REPO).release(
            NewRelease::new(&format!("v1.3.{number}")).notes(&format!("before\n\n{notes}\n\nafter")),
        );
    }
    fake.repo(REPO).release(NewRelease::new("v1.4.0").notes(&NOTES.join("\n\n")));
    let app = spawn(&fake, &[]).await;
    let mut seen = Vec::new();
    for path in ["/api/version", "/api/targets", "/api/changelog?from=1.2.3&to=1.4.0"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let html = all_html(&answer.json());
        assert!(!html.is_empty(), "{path}");
        seen.extend(html);
    }
    assert!(seen.iter().any(|html| html.contains("before")));
    for html in &seen {
        assert_inert(html, html);
    }
    let feed = app.get("/feed.atom").await.text;
    let unescaped =
        feed.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    assert_inert(&unescaped.replace("<link", "<a rel=\"noopener nofollow\""), "the feed");
}

/// S-18, D2: the Atom door gives HTML of its own.
#[tokio::test]
async fn html_of_the_atom_door_is_sanitised_too() {
    let fake = FakeGithub::start().await;
    fake.repo(REPO).release(
        NewRelease::new("v1.3.0").notes("<script>alert(1)</script>\n- <img src=x onerror=alert(1)>"),
    );
    fake.fault(Door::Api, fake_github::Fault::Status(500));
    fake.fault_on(Door::Web, &format!("/{REPO}/releases/latest"), fake_github::Fault::Status(500));
    let app = spawn(&fake, &[]).await;
    let answer = app.get("/api/version").await;
    assert_eq!(answer.json()["via"], "atom", "{}", answer.text);
    for html in all_html(&answer.json()) {
        assert_inert(&html, &html);
    }
}

/// S-22, S-21: no version, so neither shown nor asked for.
#[tokio::test]
async fn tags_with_tricks_are_never_versions_nor_requested() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let tags = [
        "v9;id",
        "v9.0.0;id",
        "v9.0.0$(id)",
        "v9.0.0`id`",
        "--flag",
        "v9.0.0 --flag",
        "v9.0.0\nv9.0.1",
        "../../etc/cron.d/x",
        "v9.0.0/../../../etc/passwd",
        "v9.0.0\u{1b}[2J",
        "v9.0.0\u{202e}1",
        "v9.0.0|cat",
        "v9.0.0?x=1#y",
        "v9.0.0%0d%0aX: y",
        "<b>v9.0.0</b>",
        "v9.0.0+$(id)",
        "v9.0.0-`id`",
    ];
    for tag in tags {
        fake.repo(REPO).release(NewRelease::new("v9.9.9").with_field("tag_name", json!(tag)));
        let app = spawn(&fake, &[("IMAGE", "ghcr.io/octo/app"), ("PLATFORM", "linux/amd64")]).await;
        fake.image("octo/app").index("v1.3.0", &["linux/amd64"]);
        let answer = app.get("/api/version").await;
        assert_eq!(answer.json()["latest"], "1.3.0", "{tag:?}: {}", answer.text);
        assert_eq!(answer.json()["pending"], Value::Null, "{tag:?}");
        for call in fake.calls() {
            let asked = format!("{}?{}", call.path, call.query);
            assert!(!asked.contains('9') || asked.contains("19"), "{tag:?} was asked for: {asked}");
        }
        fake.repo(REPO).remove_release("v9.9.9");
    }
}

/// S-21: what a terminal would obey is not in what is told.
#[tokio::test]
async fn nothing_told_and_nothing_logged_commands_a_terminal() {
    let fake = github(&["v1.2.3"]).await;
    let evil = "a\u{1b}]52;c;ZXZpbA==\u{7}b\u{1b}[2Jc\rd\u{8}e\u{202e}f\u{9b}31m";
    fake.repo(REPO).release(NewRelease::new("v1.3.0").title(evil).notes(evil));
    let mut environment = settings(&fake);
    environment.insert("SIDEWATCH_LOG".into(), "debug".into());
    let program = Program::start(&environment).await;
    let state = program.app.version().await;
    assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    for line in program.lines() {
        assert!(!line.chars().any(|letter| letter.is_control() && letter != '\t'), "{line:?}");
    }
    let html = state.release_notes_html.unwrap();
    assert!(!html.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t'), "{html:?}");
}
