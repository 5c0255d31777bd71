//! The TCP connection beneath TLS and HTTP: counted, dripping on demand, closed with a reset on demand.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Sleep;

/// Time between two bytes of a dripping connection.
const DRIP: Duration = Duration::from_millis(200);

/// What a request's handler may do to the connection it came over.
#[derive(Debug, Default)]
pub(crate) struct Control {
    drip: AtomicBool,
    reset: AtomicBool,
    ended: Notify,
}

impl Control {
    /// From now on one byte at a time.
    pub(crate) fn drip(&self) {
        self.drip.store(true, Ordering::Relaxed);
    }

    /// Closes the connection with a TCP reset.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
        self.ended.notify_one();
    }

    /// Ends once the connection is to be closed.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }
}

/// A TCP connection under a [`Control`].
pub(crate) struct Line {
    stream: TcpStream,
    control: Arc<Control>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Line {
    pub(crate) fn new(stream: TcpStream, control: Arc<Control>) -> Self {
        Self { stream, control, sleep: None }
    }

    /// Waits for the next byte's turn; after a byte was written, [`Line::dripped`] starts the next wait.
    fn poll_turn(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.sleep {
            Some(sleep) => match sleep.as_mut().poll(context) {
                Poll::Ready(()) => {
                    self.sleep = None;
                    Poll::Ready(())
                }
                Poll::Pending => Poll::Pending,
            },
            None => Poll::Ready(()),
        }
    }

    fn poll_drip(&mut self, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        if self.poll_turn(context).is_pending() {
            return Poll::Pending;
        }
        let written = Pin::new(&mut self.stream).poll_write(context, &data[..data.len().min(1)]);
        if written.is_ready() {
            self.sleep = Some(Box::pin(tokio::time::sleep(DRIP)));
        }
        written
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.control.drip.load(Ordering::Relaxed) {
            return self.poll_drip(context, data);
        }
        Pin::new(&mut self.stream).poll_write(context, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.control.drip.load(Ordering::Relaxed) {
            let first = slices.iter().find(|slice| !slice.is_empty());
            return self.poll_drip(context, first.map_or(&[], |slice| slice));
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.control.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.control.reset.load(Ordering::Relaxed) {
            // Best effort: a plain close is nearly as rude.
            let _ = self.stream.set_zero_linger();
        }
    }
}
