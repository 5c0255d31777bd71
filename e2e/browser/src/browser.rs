//! One browser with a fresh profile: opens pages, types, clicks, waits for conditions, and tells what the page did
//! that it should not have done.

mod axe;
mod eyes;
mod hands;
mod look;
mod pool;

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::WebDriver;

pub use look::Look;

use crate::forbidden::Forbidden;
use crate::{SOON, chromedriver};

/// Runs in every page before its own scripts.
const WATCH: &str = include_str!("browser/watch.js");

/// A running browser.
pub struct Browser {
    driver: WebDriver,
    name: String,
    forbidden: Forbidden,
    /// Scripts that only this test wanted before every page.
    scripts: Mutex<Vec<Value>>,
    _profile: TempDir,
}

/// Runs a test in a browser that knows nothing yet. Where it fails, a picture of the page and its console are left
/// behind.
///
/// # Panics
/// As the test does; or if the page broke a content security policy, threw an error nobody caught, opened a dialog,
/// or wrote a warning to the console.
pub async fn in_browser(name: &str, test: impl AsyncFnOnce(&Browser)) {
    let started = Instant::now();
    let browser = pool::take(name).await;
    let ready = started.elapsed();
    let outcome = AssertUnwindSafe(async {
        test(&browser).await;
        browser.assert_clean().await;
    })
    .catch_unwind()
    .await;
    if let Err(panic) = outcome {
        browser.tell_what_is_there().await;
        browser.quit().await;
        std::panic::resume_unwind(panic);
    }
    println!(
        "{name}: {:.1} s, {:.1} s of it for a browser",
        started.elapsed().as_secs_f32(),
        ready.as_secs_f32()
    );
    pool::give_back(browser).await;
}

impl Browser {
    /// Starts one. Use [`in_browser`] where one is enough.
    ///
    /// # Panics
    /// If it does not come up.
    pub async fn start(name: &str) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let profile = pool::profile();
        let forbidden = Forbidden::start();
        let capabilities = chromedriver::capabilities(profile.path(), &forbidden.rules());
        let driver = WebDriver::builder(chromedriver::address(), capabilities)
            .request_timeout(Duration::from_secs(120))
            .await
            .expect("start Chromium; install it: `apt install chromium chromium-driver`");
        let (name, scripts) = (name.to_owned(), Mutex::default());
        let browser = Self { driver, name, forbidden, scripts, _profile: profile };
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
        browser.look(Look::default()).await;
        browser
    }

    /// Ends it.
    pub async fn quit(self) {
        drop(self.driver.quit().await);
    }

    /// Sends a command of the DevTools protocol.
    ///
    /// # Panics
    /// If the browser refuses it.
    pub async fn cdp(&self, method: &str, parameters: Value) -> Value {
        let sent = self.driver.cdp().send_raw(method, parameters).await;
        sent.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Runs this in every page that is opened from now on, before the page's own scripts.
    pub async fn before_every_page(&self, script: &str) {
        let added = self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
        self.scripts.lock().unwrap().push(added);
    }

    /// Opens a page.
    ///
    /// # Panics
    /// If it does not load.
    pub async fn open(&self, url: &str) {
        self.driver.goto(url).await.unwrap_or_else(|error| panic!("open {url}: {error}"));
    }

    /// Loads the page again.
    ///
    /// # Panics
    /// If it does not load.
    pub async fn reload(&self) {
        self.driver.refresh().await.unwrap();
    }

    /// One page back.
    ///
    /// # Panics
    /// If it does not load.
    pub async fn back(&self) {
        self.driver.back().await.unwrap();
    }

    /// One page forward.
    ///
    /// # Panics
    /// If it does not load.
    pub async fn forward(&self) {
        self.driver.forward().await.unwrap();
    }

    /// The value of an expression in the page; `deep` finds elements, into shadow roots by ` >> `.
    ///
    /// # Panics
    /// If the expression throws.
    pub async fn js(&self, expression: &str) -> Value {
        self.js_with(expression, &[]).await
    }

    /// The same, with `arguments`.
    ///
    /// # Panics
    /// If the expression throws.
    pub async fn js_with(&self, expression: &str, arguments: &[Value]) -> Value {
        let script =
            format!("const deep = window.__watch.deep, all = window.__watch.all; return ({expression});");
        match self.driver.execute(script, arguments.to_vec()).await {
            Ok(value) => value.json().clone(),
            Err(error) => panic!("{expression}: {error}"),
        }
    }

    /// Waits until an expression is true, and gives its value.
    ///
    /// # Panics
    /// If it is not within [`SOON`].
    pub async fn until(&self, expression: &str) -> Value {
        let started = Instant::now();
        loop {
            let guarded = format!(
                "(() => {{ try {{ return {expression}; }} catch (error) {{ return `! ${{error}}`; }} }})()"
            );
            let value = self.js(&guarded).await;
            let threw = value.as_str().is_some_and(|text| text.starts_with("! "));
            if !threw && is_true(&value) {
                return value;
            }
            assert!(started.elapsed() < SOON, "waited in vain for {expression}; last: {value}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Saves a picture of what is seen under the target folder, and tells where.
    pub async fn tell_what_is_there(&self) {
        let path = artefacts().join(format!("{}.png", self.name));
        match self.driver.screenshot(&path).await {
            Ok(()) => println!("{}: picture of the failure: {}", self.name, path.display()),
            Err(error) => println!("{}: no picture: {error}", self.name),
        }
        if let Ok(url) = self.driver.current_url().await {
            println!("{}: at {url}", self.name);
        }
        for line in self.console().await {
            println!("{}: console: {line}", self.name);
        }
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Where pictures of failures go.
///
/// # Panics
/// If the folder cannot be made.
#[must_use]
pub fn artefacts() -> PathBuf {
    let folder =
        std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("browser-tests")));
    let folder = folder.unwrap_or_else(std::env::temp_dir);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
