//! A client that follows nothing and hides nothing.

use std::sync::Once;
use std::time::Duration;

use fake_github::FakeGithub;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use serde_json::Value;

static PROVIDER: Once = Once::new();

pub(crate) fn builder() -> reqwest::ClientBuilder {
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().expect("nobody else has installed one");
    });
    reqwest::Client::builder()
        .user_agent("fake-github-tests")
        .redirect(Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(20))
}

pub(crate) fn client() -> reqwest::Client {
    builder().build().expect("a client")
}

/// An answer read to its end.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The address in `Link` with this relation.
    pub(crate) fn link(&self, relation: &str) -> Option<String> {
        let wanted = format!("rel=\"{relation}\"");
        let part = self.header("link").split(", ").find(|part| part.contains(&wanted))?;
        Some(part.split('>').next()?.trim_start_matches('<').to_owned())
    }
}

pub(crate) async fn get(url: &str) -> Got {
    get_with(url, &[]).await
}

pub(crate) async fn get_with(url: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = client().get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read(request).await.expect("an answer")
}

pub(crate) async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Got> {
    let answer = request.send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Ok(Got { status, headers, body: answer.text().await? })
}

/// The API's answer for `octo/app`.
pub(crate) async fn app(fake: &FakeGithub, path: &str) -> Got {
    get(&format!("{}/repos/octo/app{path}", fake.api_url())).await
}
