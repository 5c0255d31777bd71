//! The threads that listen and ask. They end with the process: none of them holds what must not be cut off.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;

use super::answer::answer;
use super::happening::{Happening, Teller};
use super::keyboard::{read_keys, read_signals, signals};
use super::message::{Ask, Message};
use super::trouble::Trouble;
use super::watch_lists::{self, Wish};
use super::watch_server::{self, Beside};
use super::when;
use crate::config::Config;
use crate::server_client::ServerClient;
use crate::spool::Spool;
use crate::update_cache;

/// The way to the threads.
pub struct Threads {
    config: Config,
    client: Client,
    happenings: Sender<Happening>,
    wishes: Option<Sender<Wish>>,
    looks: Option<Sender<()>>,
}

impl Threads {
    /// Starts to listen to keys and signals.
    ///
    /// # Errors
    /// If there are no signals or threads to be had.
    pub fn listen(config: &Config, happenings: Sender<Happening>) -> anyhow::Result<Self> {
        let caught = signals()?;
        start("signals", &happenings, move |out| read_signals(caught, out))?;
        start("keys", &happenings, read_keys)?;
        let client = Client::default();
        Ok(Self { config: config.clone(), client, happenings, wishes: None, looks: None })
    }

    /// Starts to ask the server.
    ///
    /// # Errors
    /// If there are no threads to be had.
    pub fn ask_server(&mut self) -> anyhow::Result<()> {
        let (wish, wishes) = channel();
        let (config, client) = (self.config.clone(), self.client.clone());
        start("lists", &self.happenings, move |out| {
            if let Some(client) = client.get(&config, out) {
                watch_lists::watch(client, &wishes, out);
            }
        })?;
        let (look, looks) = channel();
        let (config, client) = (self.config.clone(), self.client.clone());
        start("server", &self.happenings, move |out| {
            if let Some(client) = client.get(&config, out) {
                let beside = Beside {
                    update_check: config.update_check,
                    waiting: &|| waiting(&config),
                    keep: &|state| update_cache::store(&config, state),
                };
                watch_server::watch(client, &beside, &looks, out);
            }
        })?;
        (self.wishes, self.looks) = (Some(wish), Some(look));
        Ok(())
    }

    /// Asks what the model wants. Each ask has a thread of its own, so that a slow answer holds nothing up; the model
    /// never asks the same twice at a time.
    ///
    /// # Errors
    /// If there are no threads to be had.
    pub fn ask(&self, ask: Ask) -> anyhow::Result<()> {
        match ask {
            Ask::Watch(session) => self.wish(Wish::Follow(session)),
            Ask::Refresh => {
                self.wish(Wish::Now);
                // A watcher that has ended told why.
                if let Some(looks) = &self.looks {
                    looks.send(()).ok();
                }
            }
            ask => {
                let (config, client) = (self.config.clone(), self.client.clone());
                start("ask", &self.happenings, move |out| {
                    if let Some(message) = client.get(&config, out).and_then(|client| answer(client, ask)) {
                        // If nobody listens, the program is at its end.
                        let _: bool = out.tell(message);
                    }
                })?;
            }
        }
        Ok(())
    }

    fn wish(&self, wish: Wish) {
        if let Some(wishes) = &self.wishes {
            wishes.send(wish).ok();
        }
    }
}

/// One client for all threads, made by the first that needs it: that takes longer than the first frame should.
#[derive(Clone, Debug, Default)]
struct Client(Arc<OnceLock<Result<ServerClient, Trouble>>>);

impl Client {
    fn get(&self, config: &Config, out: &Teller) -> Option<&ServerClient> {
        match self.0.get_or_init(|| ServerClient::new(config).map_err(|error| Trouble::from(&error))) {
            Ok(client) => Some(client),
            Err(trouble) => {
                let _: bool = out.tell(Message::NoLists(trouble.clone()));
                None
            }
        }
    }
}

fn start(
    name: &'static str,
    happenings: &Sender<Happening>,
    work: impl FnOnce(&Teller) + Send + 'static,
) -> anyhow::Result<()> {
    let teller = Teller::new(name, happenings.clone());
    thread::Builder::new().name(name.to_owned()).spawn(move || work(&teller))?;
    Ok(())
}

/// What waits on this machine for the server, in words.
fn waiting(config: &Config) -> Option<String> {
    let told = match Spool::of(config).and_then(|spool| spool.waiting()) {
        Ok(waiting) => waiting,
        Err(_) => return Some("! spool cannot be read".to_owned()),
    };
    let mut parts = Vec::new();
    if told.entries() > 0 {
        parts.push(format!("{} wait to be sent", when::amount(told.entries())));
    }
    if let Some(refused) = &told.refused {
        parts.push(format!("! spool full, {} lost", refused.count));
    }
    if told.rejected > 0 {
        parts.push(format!("{} rejected", told.rejected));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}
