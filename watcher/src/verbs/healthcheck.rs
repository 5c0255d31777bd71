//! `sidewatch healthcheck`: asks the sidecar in the same container.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::complain;
use crate::config::listen_address;
use crate::startup::DEFAULT_PORT;

const PATIENCE: Duration = Duration::from_secs(3);

/// Where to ask.
#[derive(Clone, Debug, Args)]
pub struct HealthcheckArgs {
    /// Where the sidecar listens; `SIDEWATCH_LISTEN` if absent
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
}

/// 0 if the sidecar answers that it lives.
pub async fn run(args: HealthcheckArgs) -> ExitCode {
    let configured = args.listen.or_else(|| std::env::var("SIDEWATCH_LISTEN").ok());
    let address = configured.as_deref().and_then(listen_address);
    let address = address.unwrap_or(SocketAddr::from((Ipv6Addr::UNSPECIFIED, DEFAULT_PORT)));
    match timeout(PATIENCE, ask(address)).await {
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
async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = match TcpStream::connect(reachable(address, Ipv6Addr::LOCALHOST.into())).await {
        Err(_) if address.ip().is_unspecified() => {
            TcpStream::connect(reachable(address, Ipv4Addr::LOCALHOST.into())).await?
        }
        connected => connected?,
    };
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer).await?;
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    Ok(String::from_utf8_lossy(line).into_owned())
}

/// "Every address" is reached through the loopback one.
fn reachable(address: SocketAddr, loopback: IpAddr) -> SocketAddr {
    if address.ip().is_unspecified() { SocketAddr::new(loopback, address.port()) } else { address }
}
