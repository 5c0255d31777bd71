//! What comes to the main thread from all others, and the end of the way that they hold.

use std::sync::mpsc::Sender;
use std::thread;

use super::message::Message;

/// Something happened, inside of the model or around it.
#[derive(Clone, Debug)]
pub enum Happening {
    /// Something for the model.
    Told(Box<Message>),
    /// Somebody wants a pause.
    Pause,
    /// The pause is over.
    Continued,
    /// Somebody wants the program to end, by this signal.
    Signal(i32),
    /// The terminal is gone.
    NoTerminal(String),
    /// A thread of this program broke down.
    Broken(&'static str),
}

/// A thread's way to the main thread.
#[derive(Debug)]
pub struct Teller {
    name: &'static str,
    out: Sender<Happening>,
}

impl Teller {
    /// The way for the thread of this name.
    #[must_use]
    pub fn new(name: &'static str, out: Sender<Happening>) -> Self {
        Self { name, out }
    }

    /// Tells the model something; `false` if nobody listens any more.
    #[must_use]
    pub fn tell(&self, message: Message) -> bool {
        self.happened(Happening::Told(Box::new(message)))
    }

    /// Tells the main thread something; `false` if nobody listens any more.
    #[must_use]
    pub fn happened(&self, happening: Happening) -> bool {
        self.out.send(happening).is_ok()
    }
}

impl Drop for Teller {
    /// A thread that panics must not leave a screen behind on which nothing happens any more.
    fn drop(&mut self) {
        if thread::panicking() {
            drop(self.out.send(Happening::Broken(self.name)));
        }
    }
}
