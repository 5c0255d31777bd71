//! A tiny HTTP server: the app that tells what runs, and whoever is notified.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Conditions are waited for this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// A header's value, its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

/// The server; ends when dropped.
pub(crate) struct Stub {
    pub(crate) url: String,
    answer: Arc<Mutex<(u16, String)>>,
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

impl Stub {
    /// Answers every request with 200 and this body.
    pub(crate) async fn start(body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answer = Arc::new(Mutex::new((200, body.to_owned())));
        let received = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(listener, Arc::clone(&answer), Arc::clone(&received)));
        Self { url, answer, received, task }
    }

    /// Answers so from now on.
    pub(crate) fn answer(&self, status: u16, body: &str) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = (status, body.to_owned());
    }

    /// Refuses connections from now on.
    pub(crate) async fn go_away(&mut self) {
        self.task.abort();
        // The socket is closed once the task has really ended.
        drop((&mut self.task).await);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn wait_for(&self, wanted: usize) -> Vec<Received> {
        let started = tokio::time::Instant::now();
        loop {
            let received = self.received();
            if received.len() >= wanted {
                return received;
            }
            assert!(started.elapsed() < PATIENCE, "{wanted} requests never came; came: {received:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    answer: Arc<Mutex<(u16, String)>>,
    received: Arc<Mutex<Vec<Received>>>,
) {
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { return };
        let Some(request) = read(&mut stream).await else { continue };
        received.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let (status, body) = answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reply = format!(
            "HTTP/1.1 {status} Stub\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        // Whoever asked may have gone.
        drop(stream.write_all(reply.as_bytes()).await);
        drop(stream.shutdown().await);
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let received = Received {
                head: String::from_utf8_lossy(&bytes[..end]).into_owned(),
                body: bytes[end + 4..].to_vec(),
            };
            let length = received.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            if received.body.len() >= length {
                return Some(received);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
