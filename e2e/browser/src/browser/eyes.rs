//! What a person sees, and what they never should.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::{Value, json};

use super::Browser;

/// The innermost element with the focus.
const ACTIVE: &str = "(() => { let at = document.activeElement; \
     while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; return at; })()";

impl Browser {
    /// The text of the element at this path as it is shown, with single spaces; empty where there is none.
    pub async fn text(&self, path: &str) -> String {
        let expression = format!("(deep({})?.innerText ?? '').replace(/\\s+/gu, ' ').trim()", json!(path));
        self.js(&expression).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the shown text of an element contains this.
    ///
    /// # Panics
    /// If it never does.
    pub async fn until_text(&self, path: &str, wanted: &str) {
        let path = json!(path);
        let wanted = json!(wanted);
        self.until(&format!("deep({path}).innerText.replace(/\\s+/gu, ' ').includes({wanted})")).await;
    }

    /// All the text in a frame, whosever page it shows.
    ///
    /// # Panics
    /// If there is no such frame.
    pub async fn text_of_frame(&self, path: &str) -> String {
        self.element(path).await.enter_frame().await.unwrap();
        let text = self.driver.execute("return document.documentElement.textContent;", Vec::new()).await;
        self.driver.enter_default_frame().await.unwrap();
        text.unwrap().json().as_str().unwrap_or_default().to_owned()
    }

    /// Waits until there is no such element, or it takes no room.
    ///
    /// # Panics
    /// If it stays.
    pub async fn until_gone(&self, path: &str) {
        self.until(&format!("!deep({})?.getClientRects().length", json!(path))).await;
    }

    /// Whether the element at this path is there and takes room.
    pub async fn is_shown(&self, path: &str) -> bool {
        let expression = format!(
            "(() => {{ const at = deep({}); return !!at && at.getClientRects().length > 0 && \
             getComputedStyle(at).visibility === 'visible' && at.getBoundingClientRect().height > 0; }})()",
            json!(path)
        );
        self.js(&expression).await == json!(true)
    }

    /// Whether the element at this path has the focus.
    pub async fn has_focus(&self, path: &str) -> bool {
        self.js(&format!("{ACTIVE} === deep({})", json!(path))).await == json!(true)
    }

    /// What has the focus, in words.
    pub async fn focused(&self) -> String {
        let name = format!(
            "(() => {{ const at = {ACTIVE}; return at ? `${{at.localName}} ${{at.getAttribute('part') ?? at.id ?? ''}} \
             ${{(at.getAttribute('aria-label') ?? at.textContent).trim().slice(0, 40)}}`.replace(/\\s+/gu, ' ') : ''; }})()"
        );
        self.js(&name).await.as_str().unwrap_or_default().to_owned()
    }

    /// Whether a person can see that the focused element has the focus.
    pub async fn focus_is_visible(&self) -> bool {
        let shown = format!(
            "(() => {{ const at = {ACTIVE}; const ring = (style) => (style.outlineStyle !== 'none' && \
             parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'; return at.matches(':focus-visible') && \
             (ring(getComputedStyle(at)) || ring(getComputedStyle(at, '::after'))); }})()"
        );
        self.js(&shown).await == json!(true)
    }

    /// How far the page can be scrolled sideways, in pixels.
    pub async fn sideways(&self) -> i64 {
        let expression =
            "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth";
        self.js(expression).await.as_i64().unwrap_or(i64::MAX)
    }

    /// Elements that reach out of the window sideways though nothing around them scrolls, in words.
    pub async fn reaching_out(&self) -> Vec<String> {
        strings(&self.js(include_str!("reaching_out.js")).await)
    }

    /// The lines of the console since the last call.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.unwrap_or_default();
        entries.into_iter().map(|entry| format!("{}: {}", entry.level, entry.message)).collect()
    }

    /// Connections to anybody but this machine, whoever made them.
    #[must_use]
    pub fn visits(&self) -> Vec<String> {
        self.forbidden.visits()
    }

    /// What the page did that it must not do: scripts that ran, dialogs, broken policies, errors nobody caught.
    pub async fn misdeeds(&self) -> Vec<String> {
        let seen = "[...__watch.seen.hits, ...__watch.seen.violations, ...__watch.seen.errors]";
        let mut found = strings(&self.js(seen).await);
        found.extend(self.visits().into_iter().map(|visit| format!("asked elsewhere: {visit}")));
        found
    }

    /// # Panics
    /// If the page did what it must not do, or wrote more to the console than the network's own failures.
    pub async fn assert_clean(&self) {
        let misdeeds = self.misdeeds().await;
        assert!(misdeeds.is_empty(), "the page did what it must not do: {misdeeds:#?}");
        let lines = self.console().await;
        let noise: Vec<_> = lines.iter().filter(|line| !is_of_the_network(line)).collect();
        assert!(noise.is_empty(), "the page wrote to the console: {noise:#?}");
    }

    /// Saves a picture of the element at this path, with a little room around it; of the window, if the path is empty.
    ///
    /// # Panics
    /// If there is no such element, or the file cannot be written.
    pub async fn picture(&self, path: &str, margin: f64, file: &Path) {
        let clip = if path.is_empty() {
            self.js("({ x: 0, y: 0, width: innerWidth, height: innerHeight })").await
        } else {
            let box_of = format!(
                "(() => {{ const b = deep({}).getBoundingClientRect(), m = {margin}; const x = Math.max(0, b.x - m), \
                 y = Math.max(0, b.y - m); return {{ x, y, width: Math.min(innerWidth, b.right + m) - x, \
                 height: b.bottom + m - y }}; }})()",
                json!(path)
            );
            self.js(&box_of).await
        };
        let mut clip = clip;
        clip["scale"] = json!(1);
        let wanted = json!({ "format": "png", "clip": clip, "captureBeyondViewport": true, "optimizeForSpeed": false });
        let taken = self.cdp("Page.captureScreenshot", wanted).await;
        let bytes = BASE64.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap_or_else(|error| panic!("write {}: {error}", file.display()));
    }
}

/// The browser itself notes each answer of 400 and above, and each connection that failed.
fn is_of_the_network(line: &str) -> bool {
    line.contains("Failed to load resource") || line.contains("net::ERR_")
}

pub(super) fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
