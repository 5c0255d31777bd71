//! A proxy that stands between client and server, and does what networks do.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It is cut before the server has seen the request.
    BeforeRequest,
    /// It is cut when the server has answered and the client has not seen it.
    BeforeAnswer,
}

/// Where a request is when somebody is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The client sent something, the server has not seen it.
    Request,
    /// The server answered something, the client has not seen it.
    Answer,
}

type Watch = Box<dyn FnMut(Moment) -> Fault + Send>;

/// The proxy. `watch` decides at each moment.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: String,
    watch: Arc<Mutex<Watch>>,
}

impl Proxy {
    pub(crate) fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let watch: Arc<Mutex<Watch>> = Arc::new(Mutex::new(Box::new(|_| Fault::None)));
        let (server, watching) = (server.trim_start_matches("http://").to_owned(), Arc::clone(&watch));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                relay(&client, &server, Moment::Request, &watching);
                relay(&server, &client, Moment::Answer, &watching);
            }
        });
        Self { address, watch }
    }

    /// From now on this decides.
    pub(crate) fn watch(&self, watch: impl FnMut(Moment) -> Fault + Send + 'static) {
        *self.watch.lock().unwrap() = Box::new(watch);
    }

    pub(crate) fn behave(&self) {
        self.watch(|_| Fault::None);
    }
}

fn relay(from: &TcpStream, to: &TcpStream, moment: Moment, watch: &Arc<Mutex<Watch>>) {
    let (mut from, mut to, watch) = (from.try_clone().unwrap(), to.try_clone().unwrap(), Arc::clone(watch));
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read) = from.read(&mut buffer) {
            let fault = if read == 0 { Fault::None } else { (watch.lock().unwrap())(moment) };
            let cut = matches!(
                (fault, moment),
                (Fault::BeforeRequest, Moment::Request) | (Fault::BeforeAnswer, Moment::Answer)
            );
            if read == 0 || cut || to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        drop(from.shutdown(Shutdown::Both));
        drop(to.shutdown(Shutdown::Both));
    });
}
