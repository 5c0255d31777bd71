//! One stand-in, one way out with short deadlines, one gate that writes everything down.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fake_github::{Builder, FakeGithub};
use releases::github::{API_VERSION, GithubConfig};
use releases::outbound::{Ask, Gate, Lane, Limits, Outbound, OutboundConfig, Outcome, Proxies, Refusal};
use releases::registry::{Registry, RegistryConfig};
use releases::source::{Answer, Found, Question, ReleaseSource, SourceFailure};
use releases::{Channel, Release, Track};
use url::Url;

/// A gate that lets everything pass, unless told otherwise.
#[derive(Default)]
pub(crate) struct OpenGate {
    admitted: AtomicUsize,
    settled: Mutex<Vec<(Lane, String, Outcome)>>,
    pub(crate) refusal: Mutex<Option<Refusal>>,
}

impl OpenGate {
    pub(crate) fn admitted(&self) -> usize {
        self.admitted.load(Ordering::SeqCst)
    }

    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        self.settled.lock().unwrap().iter().map(|(_, _, outcome)| outcome.clone()).collect()
    }

    pub(crate) fn lanes(&self) -> Vec<Lane> {
        self.settled.lock().unwrap().iter().map(|(lane, _, _)| *lane).collect()
    }
}

#[async_trait::async_trait]
impl Gate for OpenGate {
    async fn admit(&self, _: Lane) -> Result<(), Refusal> {
        match self.refusal.lock().unwrap().clone() {
            Some(refusal) => Err(refusal),
            None => {
                self.admitted.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        }
    }

    async fn settle(&self, lane: Lane, host: &str, outcome: &Outcome) {
        self.settled.lock().unwrap().push((lane, host.to_owned(), outcome.clone()));
    }
}

pub(crate) struct World {
    pub(crate) fake: FakeGithub,
    pub(crate) gate: Arc<OpenGate>,
    pub(crate) outbound: Arc<Outbound>,
}

pub(crate) async fn world() -> World {
    world_with(FakeGithub::builder(), |_| {}).await
}

pub(crate) async fn world_with(builder: Builder, change: impl FnOnce(&mut OutboundConfig)) -> World {
    let fake = builder.start().await;
    let gate = Arc::new(OpenGate::default());
    let mut config = quick();
    config.extra_ca_pem = fake.ca_pem().map(String::into_bytes);
    change(&mut config);
    let outbound = Arc::new(Outbound::new(config, gate.clone()).unwrap());
    World { fake, gate, outbound }
}

/// Deadlines short enough for tests, long enough for a busy machine.
pub(crate) fn quick() -> OutboundConfig {
    let limits = Limits {
        connect: Duration::from_secs(2),
        head: Duration::from_secs(2),
        rate_window: Duration::from_millis(800),
        total: Duration::from_secs(5),
        ..Limits::default()
    };
    OutboundConfig { limits, proxies: Proxies::Off, ..OutboundConfig::new("sidewatch/1.2.3") }
}

impl World {
    pub(crate) fn config(&self, token: Option<&str>) -> GithubConfig {
        GithubConfig {
            api_url: self.fake.api_url().parse().unwrap(),
            web_url: Some(self.fake.web_url().parse().unwrap()),
            token: token.map(Into::into),
            api_version: API_VERSION.into(),
        }
    }

    pub(crate) fn rest(&self) -> releases::github::Rest {
        self.rest_with(None)
    }

    pub(crate) fn rest_with(&self, token: Option<&str>) -> releases::github::Rest {
        releases::github::Rest::new(self.outbound.clone(), self.config(token))
    }

    pub(crate) fn registry(&self) -> Registry {
        let override_url = Some(self.fake.registry_url().parse().unwrap());
        Registry::new(self.outbound.clone(), RegistryConfig { override_url })
    }

    pub(crate) async fn get(&self, url: &str) -> Result<releases::outbound::Reply, SourceFailure> {
        self.outbound.send(Ask::get(Lane::Rest, url.parse().unwrap())).await
    }

    pub(crate) fn api(&self, path: &str) -> Url {
        format!("{}{path}", self.fake.api_url()).parse().unwrap()
    }
}

pub(crate) fn question(repo: &str) -> Question {
    Question {
        repo: repo.parse().unwrap(),
        track: Track::Releases,
        channel: Channel::Stable,
        line: None,
        running_commit: None,
        etag: None,
    }
}

pub(crate) fn on_branch(repo: &str, branch: &str, running: Option<&str>) -> Question {
    Question {
        track: Track::Branch(branch.into()),
        running_commit: running.map(str::to_owned),
        ..question(repo)
    }
}

/// Asks and expects releases.
pub(crate) async fn releases(door: &dyn ReleaseSource, question: &Question) -> (Answer, Vec<Release>, bool) {
    let answer = door.ask(question).await.unwrap();
    match answer.found.clone() {
        Found::Releases { releases, complete } => (answer, releases, complete),
        other => panic!("no releases: {other:?}"),
    }
}

pub(crate) fn tags(releases: &[Release]) -> Vec<&str> {
    releases.iter().map(|release| release.tag.as_str()).collect()
}
