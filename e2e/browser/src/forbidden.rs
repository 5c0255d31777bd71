//! The server that nobody may talk to: every name but this machine's own leads here, and each connection is kept.

mod greeting;

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Whom Chromium itself asks, before any page is open. No test names these.
const OWN: [&str; 4] = [".google.com", ".googleapis.com", ".gstatic.com", ".duckduckgo.com"];

/// One for each browser, so that a visit has its test. It listens as long as the process lives.
pub(crate) struct Forbidden {
    pub(crate) address: SocketAddr,
    visits: Arc<Mutex<Vec<String>>>,
}

impl Forbidden {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let visits = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&visits);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || note(stream, &kept));
            }
        });
        Self { address, visits }
    }

    /// What reached it so far.
    pub(crate) fn visits(&self) -> Vec<String> {
        self.visits.lock().unwrap().clone()
    }
}

fn note(mut stream: TcpStream, visits: &Mutex<Vec<String>>) {
    drop(stream.set_read_timeout(Some(Duration::from_secs(2))));
    let mut bytes = [0; 4096];
    let read = stream.read(&mut bytes).unwrap_or(0);
    let whom = greeting::addressee(&bytes[..read]);
    if !OWN.iter().any(|host| whom.contains(host)) {
        visits.lock().unwrap().push(whom);
    }
}
