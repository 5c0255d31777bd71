//! What clients that are no browser send to Remote Agent's server.

use serde_json::{Value, json};

use super::{App, KEY};

impl App {
    /// The status of `GET path`, without the key.
    ///
    /// # Panics
    /// If there is no answer.
    pub async fn status(&self, path: &str) -> u16 {
        self.client.get(format!("{}{path}", self.running.url)).send().await.unwrap().status().as_u16()
    }

    /// The answer to `GET path` with the key.
    ///
    /// # Panics
    /// If it is no JSON.
    pub async fn json(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.running.url);
        let answer = self.client.get(url).bearer_auth(KEY).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// Sends events, as many batches as it takes.
    ///
    /// # Panics
    /// If one is not accepted.
    pub async fn send(&self, events: &[Value]) {
        for batch in events.chunks(500) {
            let url = format!("{}/api/events", self.running.url);
            let sent = self.client.post(url).bearer_auth(KEY).json(&json!({ "events": batch }));
            let answer = sent.send().await.unwrap();
            assert_eq!(answer.status(), 202);
            let receipt: Value = answer.json().await.unwrap();
            assert_eq!(receipt["rejected"], json!([]), "{receipt}");
        }
    }

    /// Uploads a session's transcript.
    ///
    /// # Panics
    /// If it is not taken.
    pub async fn upload(&self, session: &str, content_type: &str, text: String) {
        let url = format!("{}/api/sessions/{session}/transcript", self.running.url);
        let sent =
            self.client.put(url).bearer_auth(KEY).header("content-type", content_type.to_owned()).body(text);
        let answer = sent.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}
