//! Reading a body: never more than the cap, never slower than the minimum rate.

use bytes::{Bytes, BytesMut};
use contract::ErrorCode;
use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use super::Limits;
use super::failure::classify;
use crate::source::SourceFailure;

/// As much of an error answer as is looked at.
const ERROR_BODY: usize = 64 * 1024;

/// Reads the body of an answer of any status; what is wrong with an error answer's body does not matter.
pub(super) async fn read(
    mut response: Response,
    host: &str,
    cap: usize,
    limits: &Limits,
    deadline: Instant,
) -> Result<Bytes, SourceFailure> {
    let mut body = BytesMut::new();
    if response.status().is_client_error() || response.status().is_server_error() {
        // Half a text is enough to tell a limit from a refusal, and the status is the news.
        let _ = fill(&mut response, host, ERROR_BODY, limits, deadline, &mut body).await;
        return Ok(body.freeze());
    }
    if response.content_length().is_some_and(|length| length > cap as u64) {
        return Err(too_large(host, cap));
    }
    fill(&mut response, host, cap, limits, deadline, &mut body).await?;
    Ok(body.freeze())
}

async fn fill(
    response: &mut Response,
    host: &str,
    cap: usize,
    limits: &Limits,
    deadline: Instant,
    body: &mut BytesMut,
) -> Result<(), SourceFailure> {
    let wanted = limits.min_bytes_per_second as f64 * limits.rate_window.as_secs_f64();
    let mut window_ends = Instant::now() + limits.rate_window;
    let mut window_bytes = 0.0;
    loop {
        match timeout_at(window_ends.min(deadline), response.chunk()).await {
            Ok(Ok(None)) => return Ok(()),
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() > cap => return Err(too_large(host, cap)),
            Ok(Ok(Some(chunk))) => {
                body.extend_from_slice(&chunk);
                window_bytes += chunk.len() as f64;
            }
            Ok(Err(error)) => return Err(cut_short(host, &error)),
            Err(_) => {}
        }
        let now = Instant::now();
        if now >= deadline {
            let message = format!("{host}: the answer was not complete within the deadline");
            return Err(SourceFailure::new(ErrorCode::Timeout, message));
        }
        if now >= window_ends {
            if window_bytes < wanted {
                return Err(too_slow(host, limits));
            }
            (window_ends, window_bytes) = (now + limits.rate_window, 0.0);
        }
    }
}

fn too_large(host: &str, cap: usize) -> SourceFailure {
    let message = format!("{host}: the answer is larger than {} KiB; reading was stopped", cap / 1024);
    SourceFailure::new(ErrorCode::TooLarge, message)
}

fn too_slow(host: &str, limits: &Limits) -> SourceFailure {
    let rate = limits.min_bytes_per_second;
    let message = format!("{host}: the answer came in at less than {rate} bytes a second");
    SourceFailure::new(ErrorCode::Slow, message)
}

/// An end inside the body, or a body that does not decode, is an answer that breaks its promise.
fn cut_short(host: &str, error: &reqwest::Error) -> SourceFailure {
    let failure = classify(host, error);
    match failure.code {
        ErrorCode::Connect | ErrorCode::Parse => {
            let message = format!("{host}: the answer was cut short or does not decode");
            SourceFailure::new(ErrorCode::Parse, message)
        }
        _ => failure,
    }
}
