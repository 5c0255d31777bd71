//! The servers that nobody may talk to: every name but this machine's own leads to one of them, and each connection
//! is kept.

mod greeting;

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Every address in hostile text leads here; there is no such host.
pub(crate) const TRACKER: &str = "tracker.test";
/// Whom Chromium itself asks, whatever page is open. No test names these.
const OWN: [&str; 4] = [".google.com", ".googleapis.com", ".gstatic.com", ".duckduckgo.com"];

/// A pair for each browser, so that a visit has its test. They listen as long as the process lives.
pub(crate) struct Forbidden {
    tracker: SocketAddr,
    others: SocketAddr,
    visits: Arc<Mutex<Vec<String>>>,
}

impl Forbidden {
    pub(crate) fn start() -> Self {
        let visits = Arc::new(Mutex::new(Vec::new()));
        Self { tracker: listen(note_any, &visits), others: listen(note_named, &visits), visits }
    }

    /// For Chromium's `--host-resolver-rules`; of several rules that fit, the first counts.
    pub(crate) fn rules(&self) -> String {
        let Self { tracker, others, .. } = self;
        format!("MAP {TRACKER} {tracker}, MAP * {others}, EXCLUDE 127.0.0.1, EXCLUDE localhost")
    }

    /// What reached them so far.
    pub(crate) fn visits(&self) -> Vec<String> {
        self.visits.lock().unwrap().clone()
    }

    pub(crate) fn forget(&self) {
        self.visits.lock().unwrap().clear();
    }
}

type Visits = Mutex<Vec<String>>;

fn listen(note: fn(&TcpStream, &Visits), visits: &Arc<Visits>) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let visits = Arc::clone(visits);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let visits = Arc::clone(&visits);
            std::thread::spawn(move || note(&stream, &visits));
        }
    });
    address
}

/// A connection alone is a visit, also where nothing is said: that is what `rel=preconnect` does.
fn note_any(stream: &TcpStream, visits: &Visits) {
    visits.lock().unwrap().push(format!("{TRACKER} from {:?}", stream.peer_addr()));
}

/// Chromium connects ahead of time to whom it asks itself, so here a visit must have said whom it wants.
fn note_named(mut stream: &TcpStream, visits: &Visits) {
    drop(stream.set_read_timeout(Some(Duration::from_secs(30))));
    let mut bytes = [0; 4096];
    let read = stream.read(&mut bytes).unwrap_or(0);
    if let Some(whom) = greeting::addressee(&bytes[..read])
        && !OWN.iter().any(|host| whom.contains(host))
    {
        visits.lock().unwrap().push(whom);
    }
}
