//! A web site of somebody else, made with another program, which passes the watcher's two paths on.

use std::net::TcpStream;

use test_servers::process::{Server, free_port};

/// A running one. It ends with its handle, and with the thread that started it.
pub struct Foreign {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    _server: Server,
}

impl Foreign {
    /// Starts one in front of this watcher, with the token that decisions need.
    ///
    /// # Panics
    /// If there is no Python, or it does not come up.
    #[must_use]
    pub fn start(watcher: &str, token: &str) -> Self {
        let port = free_port().unwrap();
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/foreign.py");
        let arguments = [program, &port.to_string(), watcher, token];
        let mut server = Server::start("a foreign site", "python3", &arguments).unwrap();
        server.wait_until(|| TcpStream::connect(("127.0.0.1", port)).is_ok()).unwrap();
        Self { url: format!("http://127.0.0.1:{port}"), _server: server }
    }
}
