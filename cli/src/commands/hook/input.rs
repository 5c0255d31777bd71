//! What an agent gives on standard input: bounded, and not waited for longer than the agent would.

use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde::de::IgnoredAny;

/// The output of a tool is in it, which is never told but has to be read over.
const LARGEST: usize = 64 << 20;
/// At the end of a session all hooks together get a second and a half.
const WITHIN: Duration = Duration::from_secs(1);
/// If nothing more comes for so long, what came may be all.
const QUIET: Duration = Duration::from_millis(20);
const PIECE: usize = 64 << 10;

/// Why there is nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    #[error("it is larger than {LARGEST} bytes")]
    Large,
    #[error("it did not come to an end")]
    Slow,
    #[error("it cannot be read")]
    Read(#[source] io::Error),
}

/// All of standard input. An agent that never closes it is no reason to wait once an object is complete.
pub(super) fn read() -> Result<Vec<u8>, InputError> {
    let (sender, pieces) = mpsc::sync_channel(4);
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            let mut piece = vec![0; PIECE];
            let read = input.read(&mut piece);
            let ended = !matches!(read, Ok(1..));
            let sent = sender.send(read.map(|length| {
                piece.truncate(length);
                piece
            }));
            if ended || sent.is_err() {
                break;
            }
        }
    });
    collect(&pieces, Instant::now() + WITHIN)
}

fn collect(pieces: &Receiver<io::Result<Vec<u8>>>, deadline: Instant) -> Result<Vec<u8>, InputError> {
    let mut input: Vec<u8> = Vec::new();
    let mut large = false;
    loop {
        match pieces.recv_timeout(QUIET) {
            Ok(Ok(piece)) if piece.is_empty() => return whole(input, large),
            // Whoever writes is not cut off: it goes on being read, to nowhere.
            Ok(Ok(_)) if large => {}
            Ok(Ok(piece)) => input.extend_from_slice(&piece),
            Ok(Err(error)) => return Err(InputError::Read(error)),
            Err(RecvTimeoutError::Disconnected) => return whole(input, large),
            Err(RecvTimeoutError::Timeout) if is_whole(&input) => return Ok(input),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if input.len() > LARGEST {
            (large, input) = (true, Vec::new());
        }
        if Instant::now() > deadline {
            return Err(if large { InputError::Large } else { InputError::Slow });
        }
    }
}

fn whole(input: Vec<u8>, large: bool) -> Result<Vec<u8>, InputError> {
    if large { Err(InputError::Large) } else { Ok(input) }
}

fn is_whole(input: &[u8]) -> bool {
    input.trim_ascii_end().ends_with(b"}") && serde_json::from_slice::<IgnoredAny>(input).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Collected within a time that is short where nothing more comes, and long where much does.
    fn collected(pieces: Vec<io::Result<Vec<u8>>>, closed: bool) -> Result<Vec<u8>, InputError> {
        let (sender, receiver) = mpsc::channel();
        for piece in pieces {
            sender.send(piece).unwrap();
        }
        let open = (!closed).then_some(sender);
        let within = if closed { Duration::from_secs(60) } else { Duration::from_millis(200) };
        let result = collect(&receiver, Instant::now() + within);
        drop(open);
        result
    }

    #[test]
    fn an_input_that_stays_open_is_taken_once_it_is_whole() {
        let parts = || vec![Ok(b"{\"a\":".to_vec()), Ok(b" 1}\n".to_vec())];
        assert_eq!(collected(parts(), true).unwrap(), b"{\"a\": 1}\n");
        assert_eq!(collected(parts(), false).unwrap(), b"{\"a\": 1}\n");
        assert!(matches!(
            collected(parts()[..1].iter().map(|part| Ok(part.as_ref().unwrap().clone())).collect(), false),
            Err(InputError::Slow)
        ));
        assert_eq!(collected(vec![], true).unwrap(), b"");
    }

    #[test]
    fn what_is_too_large_or_broken_is_an_error() {
        let large = (0..=LARGEST / PIECE).map(|_| Ok(vec![b' '; PIECE])).collect();
        assert!(matches!(collected(large, true), Err(InputError::Large)));
        let broken = vec![Err(io::Error::other("gone"))];
        assert!(matches!(collected(broken, true), Err(InputError::Read(_))));
    }
}
