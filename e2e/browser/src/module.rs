//! The components' module and its languages, as the real watcher serves them.

use std::collections::HashMap;

use tokio::sync::OnceCell;
use watcher::config::{Config, Sources};
use watcher::startup::Watcher;

use crate::STAMP;

/// Languages that the module has beside English.
pub const LANGUAGES: [&str; 11] = ["ar", "de", "es", "fr", "he", "it", "ja", "pl", "pt", "ru", "zh"];

/// What `GET /update-banner.js` answers.
pub struct Served {
    /// The module.
    pub module: String,
    /// Its words, by language; what it lacks is missing here too.
    pub words: HashMap<String, String>,
}

/// Fetched once, from a watcher that asks nobody anything.
///
/// # Panics
/// If the watcher does not serve it.
pub async fn served() -> &'static Served {
    static SERVED: OnceCell<Served> = OnceCell::const_new();
    SERVED.get_or_init(fetch).await
}

async fn fetch() -> Served {
    drop(rustls::crypto::ring::default_provider().install_default());
    let pairs = [("REPO", "octo/app"), ("LISTEN", "127.0.0.1:0"), ("DISABLE_UPDATE_CHECK", "true")];
    let environment: HashMap<String, String> =
        pairs.into_iter().map(|(key, value)| (format!("SIDEWATCH_{key}"), value.to_owned())).collect();
    let sources = Sources { environment, ..Sources::default() };
    let config = Config::read(&sources).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let watcher = Watcher::build(config, STAMP).await.expect("build the watcher");
    let url = format!("http://{}/update-banner.js", watcher.address);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let run = tokio::spawn(watcher.run(async move { drop(stopped.await) }));
    let module = get(&url).await.expect("the watcher serves no /update-banner.js");
    let mut words = HashMap::new();
    for language in LANGUAGES {
        if let Some(told) = get(&format!("{url}?lang={language}")).await {
            words.insert(language.to_owned(), told);
        }
    }
    drop(stop);
    run.await.expect("the watcher panicked").expect("stop the watcher");
    Served { module, words }
}

async fn get(url: &str) -> Option<String> {
    let answer = client().get(url).send().await.expect("ask the watcher for its module");
    let found = answer.status() == 200;
    let text = answer.text().await.expect("read the module");
    found.then_some(text)
}

pub(crate) fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().expect("build a client")
}
