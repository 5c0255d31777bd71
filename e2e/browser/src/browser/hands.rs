//! What a person does: clicks, types, moves on with Tab.

use serde_json::json;
use thirtyfour::{Key, WebElement};

use super::Browser;

impl Browser {
    /// The element at this path, once it is there.
    ///
    /// # Panics
    /// If it never is.
    pub async fn element(&self, path: &str) -> WebElement {
        self.until(&format!("deep({}) !== null", json!(path))).await;
        let script = "return window.__watch.deep(arguments[0]);";
        self.driver.execute(script, vec![json!(path)]).await.and_then(|found| found.element()).unwrap()
    }

    /// Clicks with the mouse, which fails where something else lies on top.
    ///
    /// # Panics
    /// If it cannot be clicked.
    pub async fn click(&self, path: &str) {
        self.until(&format!("deep({}).getClientRects().length > 0", json!(path))).await;
        let clicked = self.element(path).await.click().await;
        clicked.unwrap_or_else(|error| panic!("click {path}: {error}"));
    }

    /// Types into a field, after emptying it.
    ///
    /// # Panics
    /// If it takes no text.
    pub async fn fill(&self, path: &str, text: &str) {
        let field = self.element(path).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses one key, wherever the focus is.
    ///
    /// # Panics
    /// If the browser does not take it.
    pub async fn press(&self, key: Key) {
        self.driver.action_chain().send_keys(key.value().to_string()).perform().await.unwrap();
    }

    /// Shift and Tab.
    ///
    /// # Panics
    /// If the browser does not take it.
    pub async fn press_back(&self) {
        let chain = self.driver.action_chain().key_down(Key::Shift);
        chain.send_keys(Key::Tab.value().to_string()).key_up(Key::Shift).perform().await.unwrap();
    }

    /// Presses Tab until the element at this path has the focus; at most so often as a page could need.
    ///
    /// # Panics
    /// If it never gets there.
    pub async fn tab_to(&self, path: &str) {
        self.element(path).await;
        for _ in 0..60 {
            if self.has_focus(path).await {
                return;
            }
            self.press(Key::Tab).await;
        }
        panic!("Tab never comes to {path}; the focus is on {}", self.focused().await);
    }
}
