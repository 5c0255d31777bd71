//! `sidewatch healthcheck`: asks the sidecar in the same container.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{EXIT_CONFIG, complain};
use crate::config::{Listen, Sources};
use crate::startup::DEFAULT_PORT;

const PATIENCE: Duration = Duration::from_secs(3);

/// Where to ask.
#[derive(Clone, Debug, Args)]
pub struct HealthcheckArgs {
    /// Where the sidecar listens; `SIDEWATCH_LISTEN` if absent
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// TOML file that may say where it listens (`SIDEWATCH_CONFIG`)
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
}

/// 0 if the sidecar answers that it lives.
pub async fn run(args: HealthcheckArgs) -> ExitCode {
    let flags = [("LISTEN", args.listen), ("CONFIG", args.config)];
    let flags = flags.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect();
    let listen = match Listen::read(&Sources::from_process(flags)) {
        Ok(configured) => configured.unwrap_or(Listen::everywhere(DEFAULT_PORT)),
        Err(mistakes) => {
            complain(&mistakes.to_string());
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    let address = listen.first;
    match timeout(PATIENCE, ask(listen)).await {
        Ok(Ok(status)) if status.contains(" 200 ") => ExitCode::SUCCESS,
        Ok(Ok(status)) => unhealthy(&format!("it answered {status:?}")),
        Ok(Err(error)) => unhealthy(&format!("no answer on {address}: {error}")),
        Err(_) => unhealthy(&format!("no answer on {address} within {} s", PATIENCE.as_secs())),
    }
}

fn unhealthy(reason: &str) -> ExitCode {
    complain(reason);
    ExitCode::FAILURE
}

/// The status line. A watcher whose upstream is away is alive, so it is asked for that and not for readiness.
async fn ask(listen: Listen) -> std::io::Result<String> {
    let mut stream = match (TcpStream::connect(reachable(listen.first)).await, listen.fallback) {
        (Err(_), Some(fallback)) => TcpStream::connect(reachable(fallback)).await?,
        (Err(_), None) if listen.first.ip().is_unspecified() => {
            TcpStream::connect((Ipv4Addr::LOCALHOST, listen.first.port())).await?
        }
        (connected, _) => connected?,
    };
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer).await?;
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    Ok(String::from_utf8_lossy(line).into_owned())
}

/// "Every address" is reached through the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    let loopback: IpAddr = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(loopback, address.port())
}
