//! The server that nobody may talk to: every name but this machine's own leads here, and each connection is kept.

mod greeting;

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::Duration;

/// Whom Chromium itself asks, before any page is open. No test names these.
const OWN: [&str; 4] = [".google.com", ".googleapis.com", ".gstatic.com", ".duckduckgo.com"];

/// Where it listens.
pub(crate) fn address() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || note(stream));
            }
        });
        address
    })
}

fn kept() -> MutexGuard<'static, Vec<String>> {
    static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());
    KEPT.lock().unwrap()
}

fn note(mut stream: TcpStream) {
    drop(stream.set_read_timeout(Some(Duration::from_secs(2))));
    let mut bytes = [0; 4096];
    let read = stream.read(&mut bytes).unwrap_or(0);
    let whom = greeting::addressee(&bytes[..read]);
    if !OWN.iter().any(|host| whom.contains(host)) {
        kept().push(whom);
    }
}

/// Named only by the test that shows what happens without our care.
const CONTROL: &str = "control.test";

/// What reached it so far, except for the control.
#[must_use]
pub fn visits() -> Vec<String> {
    kept().iter().filter(|text| !text.contains(CONTROL)).cloned().collect()
}

/// How often the control reached it.
#[must_use]
pub fn control_visits() -> usize {
    kept().iter().filter(|text| text.contains(CONTROL)).count()
}
