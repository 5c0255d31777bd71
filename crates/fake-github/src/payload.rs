//! Answer bodies: whole, slow, endless, cut or silent.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// One thing a scripted body does.
#[derive(Debug)]
pub(crate) enum Step {
    /// Sends these bytes.
    Data(Bytes),
    /// Sends the bytes at this rate.
    Slow { data: Bytes, bytes_per_second: u64 },
    /// Sends the chunk again and again, this many bytes in all.
    Repeat { chunk: Bytes, left: u64 },
    /// Waits.
    Wait(Duration),
    /// Breaks the connection (HTTP/1.1) or resets the stream (HTTP/2).
    Break,
    /// Sends nothing more and never ends.
    Hang,
}

/// A body.
#[derive(Debug)]
pub(crate) enum Payload {
    /// Known bytes.
    Whole(Bytes),
    /// Does one step after the other.
    Script { steps: VecDeque<Step>, sleep: Option<Pin<Box<Sleep>>> },
}

/// How often a slow body sends.
const TICK: Duration = Duration::from_millis(50);

impl Payload {
    pub(crate) fn script(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::Script { steps: steps.into_iter().collect(), sleep: None }
    }

    /// The bytes, where they are known.
    pub(crate) fn whole(&self) -> Option<&Bytes> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Script { .. } => None,
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Script { steps, sleep } => poll_script(steps, sleep, context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Script { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Script { .. } => SizeHint::default(),
        }
    }
}

fn poll_script(
    steps: &mut VecDeque<Step>,
    sleep: &mut Option<Pin<Box<Sleep>>>,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
    loop {
        if let Some(waiting) = sleep {
            if waiting.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            *sleep = None;
        }
        let Some(step) = steps.pop_front() else { return Poll::Ready(None) };
        match step {
            Step::Data(data) if data.is_empty() => {}
            Step::Data(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
            Step::Slow { mut data, bytes_per_second } => {
                let (size, pause) = portion(bytes_per_second);
                let now = data.split_to(size.min(data.len()));
                if !data.is_empty() {
                    steps.push_front(Step::Slow { data, bytes_per_second });
                }
                *sleep = Some(Box::pin(tokio::time::sleep(pause)));
                if !now.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(now))));
                }
            }
            Step::Repeat { left: 0, .. } => {}
            Step::Repeat { chunk, left } => {
                let size = left.min(chunk.len() as u64);
                let now = chunk.slice(..usize::try_from(size).unwrap_or(chunk.len()));
                steps.push_front(Step::Repeat { chunk, left: left - size });
                return Poll::Ready(Some(Ok(Frame::data(now))));
            }
            Step::Wait(pause) => *sleep = Some(Box::pin(tokio::time::sleep(pause))),
            Step::Break => {
                let error = io::Error::new(io::ErrorKind::ConnectionAborted, "cut short on purpose");
                return Poll::Ready(Some(Err(error)));
            }
            Step::Hang => {
                steps.push_front(Step::Hang);
                // Nobody will wake this task: the client has to give up.
                return Poll::Pending;
            }
        }
    }
}

/// How many bytes at once, and how long to wait after them.
fn portion(bytes_per_second: u64) -> (usize, Duration) {
    let rate = bytes_per_second.max(1);
    let per_tick = rate * u64::try_from(TICK.as_millis()).unwrap_or(50) / 1000;
    if per_tick == 0 {
        (1, Duration::from_micros(1_000_000 / rate))
    } else {
        (usize::try_from(per_tick).unwrap_or(usize::MAX), TICK)
    }
}
