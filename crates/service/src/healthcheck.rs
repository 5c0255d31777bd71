//! Asks a server in the same container whether it lives: for a container's health check.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::listen::Listen;

/// An answer must be there by then.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a server does not count as healthy.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    /// It answered something else than 200: the status line.
    #[error("it answered {0:?}")]
    Answer(String),
    /// It could not be asked.
    #[error("no answer on {0}: {1}")]
    Unreachable(SocketAddr, io::Error),
    /// It said nothing.
    #[error("no answer on {address} within {} s", PATIENCE.as_secs())]
    Silent {
        /// Where it was asked.
        address: SocketAddr,
    },
}

/// Asks for `path`, which must be answered with 200. A server whose neighbours are away is alive, so it is best asked
/// for that and not for readiness.
///
/// # Errors
/// If it is not answered so, with the reason.
pub async fn ask(listen: Listen, path: &str) -> Result<(), Unhealthy> {
    let address = listen.first;
    match timeout(PATIENCE, status_line(listen, path)).await {
        Ok(Ok(status)) if status.contains(" 200 ") => Ok(()),
        Ok(Ok(status)) => Err(Unhealthy::Answer(status)),
        Ok(Err(error)) => Err(Unhealthy::Unreachable(address, error)),
        Err(_) => Err(Unhealthy::Silent { address }),
    }
}

async fn status_line(listen: Listen, path: &str) -> io::Result<String> {
    let mut stream = match (TcpStream::connect(reachable(listen.first)).await, listen.fallback) {
        (Err(_), Some(fallback)) => TcpStream::connect(reachable(fallback)).await?,
        (Err(_), None) if listen.first.ip().is_unspecified() => {
            TcpStream::connect((Ipv4Addr::LOCALHOST, listen.first.port())).await?
        }
        (connected, _) => connected?,
    };
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
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
