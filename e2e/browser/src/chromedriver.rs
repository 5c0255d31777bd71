//! One chromedriver for all tests of a process, and the capabilities that every browser is started with.

use std::net::TcpStream;
use std::path::Path;
use std::sync::{OnceLock, mpsc};

use serde_json::{Value, json};
use test_servers::process::{Server, free_port};
use thirtyfour::Capabilities;

/// Its address. It is started at the first call and ends with this process, however that ends.
///
/// # Panics
/// If there is no chromedriver, or it does not come up.
pub fn address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        let (sender, started) = mpsc::channel();
        // A server gets SIGKILL when the thread that started it ends, so this one waits as long as the process lives.
        std::thread::spawn(move || {
            let (server, port) = start();
            sender.send(port).unwrap();
            loop {
                std::thread::park();
                // Only mentioned so that it is not dropped before.
                let _ = server.pid();
            }
        });
        let port = started.recv().expect("start chromedriver; install it: `apt install chromium-driver`");
        format!("http://127.0.0.1:{port}")
    })
}

fn start() -> (Server, u16) {
    let port = free_port().unwrap();
    let listen = format!("--port={port}");
    let mut server = Server::start("chromedriver", "chromedriver", &[&listen, "--log-level=OFF"]).unwrap();
    server.wait_until(|| TcpStream::connect(("127.0.0.1", port)).is_ok()).unwrap();
    (server, port)
}

/// Headless, with a profile of its own, and with no other host within reach: these rules tell where names lead to.
pub(crate) fn capabilities(profile: &Path, rules: &str) -> Capabilities {
    let arguments = [
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication".to_owned(),
        "--no-first-run".to_owned(),
        "--hide-scrollbars".to_owned(),
        "--force-color-profile=srgb".to_owned(),
        "--lang=en-US".to_owned(),
        // Its end is the end of the browser, also where chromedriver is killed.
        "--remote-debugging-pipe".to_owned(),
        format!("--host-resolver-rules={rules}"),
        format!("--user-data-dir={}", profile.display()),
    ];
    let wanted = json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
        "unhandledPromptBehavior": "ignore",
    });
    match wanted {
        Value::Object(map) => Capabilities::from(map),
        _ => Capabilities::new(),
    }
}
