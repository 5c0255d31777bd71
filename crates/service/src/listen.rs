//! Opening the port, also on hosts without IPv6.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that wait to be taken.
const BACKLOG: i32 = 1024;

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// This address,
    pub first: SocketAddr,
    /// or this one, on a host that lacks what the first one needs (IPv6, mostly).
    pub fallback: Option<SocketAddr>,
}

impl Listen {
    /// Every address of the host, with or without IPv6.
    #[must_use]
    pub fn everywhere(port: u16) -> Self {
        let first = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        Self { first, fallback: Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))) }
    }

    /// Only this host; the name `localhost` is not looked up.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        let first = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { first, fallback: Some(SocketAddr::from((Ipv6Addr::LOCALHOST, port))) }
    }

    /// Opens the first address, or the fallback where the host lacks what the first needs. An address that is taken
    /// or forbidden is no reason to fall back.
    ///
    /// # Errors
    /// If neither can be opened; the text names `variable`, which sets another.
    pub fn bind(self, variable: &str) -> io::Result<TcpListener> {
        let named = |error: &io::Error, address: SocketAddr| {
            let text = format!("cannot listen on {address}: {error}; choose another with {variable}");
            io::Error::new(error.kind(), text)
        };
        open(self.first).or_else(|error| match (error.kind(), self.fallback) {
            (io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied, _) | (_, None) => {
                Err(named(&error, self.first))
            }
            (_, Some(fallback)) => open(fallback).map_err(|error| named(&error, fallback)),
        })
    }
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(port: u16) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    #[test]
    fn a_host_without_the_first_address_gets_the_fallback() {
        // Reserved for documentation: no host has it.
        let first = SocketAddr::from(([192, 0, 2, 1], 0));
        let listener = Listen { first, fallback: Some(local(0)) }.bind("LISTEN").unwrap();
        assert_eq!(listener.local_addr().unwrap().ip(), Ipv4Addr::LOCALHOST);
    }

    #[test]
    fn a_taken_address_is_told_with_the_variable_and_not_replaced() {
        let taken = TcpListener::bind(local(0)).unwrap();
        let first = taken.local_addr().unwrap();
        let error = Listen { first, fallback: Some(local(0)) }.bind("SOME_PORT").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        let text = error.to_string();
        assert!(text.contains(&first.to_string()) && text.contains("SOME_PORT"), "{text}");
    }
}
