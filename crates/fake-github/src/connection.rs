//! One connection: TLS if wanted, HTTP/1.1 or HTTP/2, and the order in which a request is dealt with.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::fault::{Fault, Plan};
use crate::fault_answer;
use crate::line::{Control, Line};
use crate::payload::Payload;
use crate::shared::Shared;
use crate::{Door, admin, api, registry, web};

/// Serves one accepted connection until it ends.
pub(crate) async fn serve(shared: Arc<Shared>, door: Door, stream: TcpStream, tls: Option<TlsAcceptor>) {
    let _open = shared.connections(door).enter();
    let control = Arc::new(Control::default());
    // Small answers must not wait for the client's acknowledgement; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let mut line = Line::new(stream, control.clone());
    match shared.faults.at_accept(door) {
        Some(Fault::Garbage) => {
            // The client may be gone already.
            let _ = line.write_all(b"\x00\xff\x13 220 mail.example ESMTP ready\r\n").await;
            let _ = line.shutdown().await;
        }
        Some(Fault::HangHandshake) => control.ended().await,
        Some(_) => control.reset(),
        None => {
            tokio::select! {
                () = speak(shared.clone(), door, line, tls, control.clone()) => {}
                () = control.ended() => {}
            }
        }
    }
}

async fn speak(shared: Arc<Shared>, door: Door, line: Line, tls: Option<TlsAcceptor>, control: Arc<Control>) {
    match tls {
        None => http(shared, door, line, control).await,
        Some(acceptor) => {
            // A client that does not trust the CA ends here: nothing to do about it.
            if let Ok(stream) = acceptor.accept(line).await {
                http(shared, door, stream, control).await;
            }
        }
    }
}

async fn http<S>(shared: Arc<Shared>, door: Door, stream: S, control: Arc<Control>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let number = shared.next_number();
    let service = service_fn(move |request| answer(shared.clone(), door, number, control.clone(), request));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http2().max_concurrent_streams(1000).initial_connection_window_size(1 << 20);
    // Errors here are clients that went away, or a fault that was ordered.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// Notes the request, lets go wrong what should, and asks the door's own handler otherwise.
async fn answer(
    shared: Arc<Shared>,
    door: Door,
    connection: u64,
    control: Arc<Control>,
    request: Request<Incoming>,
) -> Result<Response<Payload>, Infallible> {
    let (parts, body) = request.into_parts();
    if shared.admin && door == Door::Api && parts.uri.path().starts_with("/__admin/") {
        return Ok(admin::handle(&shared, &parts).into_response());
    }
    let number = shared.calls.arrived(door, connection, &parts);
    let plan = shared.faults.plan(door, parts.uri.path());
    wait(&shared, &plan).await;
    match plan.replace {
        Some(Fault::Hang | Fault::HangHandshake) => std::future::pending::<()>().await,
        Some(Fault::CloseAtOnce | Fault::Garbage) => {
            control.reset();
            std::future::pending::<()>().await;
        }
        _ => {}
    }
    let mut answer = match &plan.replace {
        Some(fault) => fault_answer::instead(&shared, door, &parts, fault),
        None => {
            let parts = fault_answer::unconditional(parts, &plan);
            match door {
                Door::Api => api::handle(&shared, &parts, plan.change.is_empty()),
                Door::Web => web::handle(&shared, &parts, body).await,
                Door::Registry => registry::handle(&shared, &parts),
            }
        }
    };
    for fault in &plan.change {
        fault_answer::change(&shared, &mut answer, fault);
    }
    if plan.change.contains(&Fault::DripHead) {
        control.drip();
    }
    shared.calls.answered(number, answer.status.as_u16());
    Ok(answer.into_response())
}

async fn wait(shared: &Shared, plan: &Plan) {
    let ordered = plan.change.iter().map(|fault| match fault {
        Fault::Delay(delay) => *delay,
        _ => Duration::ZERO,
    });
    let total = shared.latency() + ordered.sum::<Duration>();
    if !total.is_zero() {
        tokio::time::sleep(total).await;
    }
}
