//! An S3 server in this process, which can be told to be slow, strict, gone or forgetful.
//!
//! It answers path-style requests, checks signatures, and keeps its objects as plain files, so a test can spoil one.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread::JoinHandle;

use anyhow::Context;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const ACCESS_KEY: &str = "test-access-key";
const SECRET_KEY: &str = "test-secret-key";
const BUCKET: &str = "transcripts";

/// A running server with one bucket; dropping it closes its connections, its port and its folder.
#[derive(Debug)]
pub struct S3 {
    folder: tempfile::TempDir,
    address: SocketAddr,
    faults: Arc<Faults>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

/// What goes wrong now, and what was asked so far.
#[derive(Debug, Default)]
pub struct Faults {
    slow_downs: AtomicU32,
    refuse_checksums: AtomicBool,
    hang: AtomicBool,
    requests: AtomicU64,
    writes: AtomicU64,
}

impl Faults {
    /// The next `count` requests are answered with 503 `SlowDown`.
    pub fn slow_down(&self, count: u32) {
        self.slow_downs.store(count, Ordering::SeqCst);
    }

    /// Requests that carry a checksum of the newer kinds are refused with 501, as some stores do.
    pub fn refuse_checksums(&self, refuse: bool) {
        self.refuse_checksums.store(refuse, Ordering::SeqCst);
    }

    /// Requests that come from now on are taken and never answered.
    pub fn hang(&self, hang: bool) {
        self.hang.store(hang, Ordering::SeqCst);
    }

    /// Requests so far, also those that were refused.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    /// Requests so far that were to write: `PUT` and `POST`.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    fn take_slow_down(&self) -> bool {
        self.slow_downs.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

impl S3 {
    /// Starts a server on a free port, with an empty bucket.
    ///
    /// # Errors
    /// If there is no free port or no temporary folder.
    pub fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("make a folder for S3")?;
        std::fs::create_dir(folder.path().join(BUCKET)).context("make the bucket")?;
        let mut server = Self {
            folder,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            faults: Arc::default(),
            running: None,
        };
        server.serve()?;
        Ok(server)
    }

    /// Closes the port and every connection; what was stored stays. [`S3::restart`] opens the same port again.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop.send_replace(true);
            drop(running.thread.join());
        }
    }

    /// Answers again after [`S3::stop`].
    ///
    /// # Errors
    /// If the port is taken meanwhile.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.stop();
        self.serve()
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bucket that is there from the start.
    #[must_use]
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// The only access key it knows.
    #[must_use]
    pub fn access_key_id(&self) -> &'static str {
        ACCESS_KEY
    }

    /// Belongs to [`S3::access_key_id`].
    #[must_use]
    pub fn secret_access_key(&self) -> &'static str {
        SECRET_KEY
    }

    /// What goes wrong, and counts.
    #[must_use]
    pub fn faults(&self) -> &Arc<Faults> {
        &self.faults
    }

    /// The bucket's folder: each object is a file at its key.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.folder.path().join(BUCKET)
    }

    /// Whether an upload in parts was begun and neither completed nor aborted.
    ///
    /// # Errors
    /// If its folder cannot be read.
    pub fn has_unfinished_uploads(&self) -> anyhow::Result<bool> {
        let entries = std::fs::read_dir(self.folder.path()).context("read the folder of S3")?;
        Ok(entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(".upload-")))
    }

    fn serve(&mut self) -> anyhow::Result<()> {
        // It sets SO_REUSEADDR, so the port of a server that was stopped can be taken at once.
        let listener = std::net::TcpListener::bind(self.address).context("listen as S3")?;
        listener.set_nonblocking(true).context("listen as S3")?;
        self.address = listener.local_addr().context("ask for the port of S3")?;
        let service = service(self.folder.path())?;
        let (stop, stopped) = watch::channel(false);
        let faults = Arc::clone(&self.faults);
        // Whoever starts it may be in a runtime already, so this one is entered in the thread alone.
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().context("start S3")?;
        let thread = std::thread::spawn(move || {
            runtime.block_on(accept(listener, &service, &faults, stopped));
            // Dropping the runtime ends every connection.
        });
        self.running = Some(Running { stop, thread });
        Ok(())
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.stop();
    }
}

fn service(folder: &Path) -> anyhow::Result<S3Service> {
    let files = s3s_fs::FileSystem::new(folder)
        .map_err(|error| anyhow::anyhow!("open the folder of S3: {error:?}"))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    Ok(builder.build())
}

async fn accept(
    listener: std::net::TcpListener,
    service: &S3Service,
    faults: &Arc<Faults>,
    mut stopped: watch::Receiver<bool>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(connection(stream, service.clone(), Arc::clone(faults)));
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, service: S3Service, faults: Arc<Faults>) {
    let answer = service_fn(move |request| {
        let (service, faults) = (service.clone(), Arc::clone(&faults));
        async move { Ok::<_, Infallible>(answer(&service, &faults, request).await) }
    });
    // A client that goes away is no trouble of the test server's.
    drop(Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await);
}

async fn answer(service: &S3Service, faults: &Faults, request: Request<Incoming>) -> Response<s3s::Body> {
    faults.requests.fetch_add(1, Ordering::SeqCst);
    if matches!(request.method().as_str(), "PUT" | "POST") {
        faults.writes.fetch_add(1, Ordering::SeqCst);
    }
    if faults.hang.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    if faults.take_slow_down() {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
    }
    if faults.refuse_checksums.load(Ordering::SeqCst) && has_checksum(request.headers()) {
        return refusal(StatusCode::NOT_IMPLEMENTED, "NotImplemented");
    }
    // The files beneath know folders alone, and would say that the object is missing.
    if request.uri().path().split('/').nth(1) != Some(BUCKET) {
        return refusal(StatusCode::NOT_FOUND, "NoSuchBucket");
    }
    match service.call(request.map(s3s::Body::from)).await {
        Ok(response) => response,
        Err(_) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
    }
}

/// Whether a request carries what came with the flexible checksums: stores that do not know them refuse it.
fn has_checksum(headers: &HeaderMap) -> bool {
    let named = headers.keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-amz-checksum-")
            || name == "x-amz-sdk-checksum-algorithm"
            || name == "x-amz-trailer"
    });
    let streamed =
        headers.get("x-amz-content-sha256").is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
    named || streamed
}

fn refusal(status: StatusCode, code: &str) -> Response<s3s::Body> {
    let text = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>As the test wants.</Message></Error>"
    );
    let mut response = Response::new(s3s::Body::from(text));
    *response.status_mut() = status;
    response
}
