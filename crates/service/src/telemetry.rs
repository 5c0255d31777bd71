//! Logs on stderr: one event per line, as text or JSON.

use std::io::{self, IsTerminal, Write};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

/// How much is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// Filter, as of `tracing-subscriber`.
    pub filter: String,
    /// One JSON object per line.
    pub json: bool,
}

/// Starts logging; a second call in one process changes nothing.
pub fn start(log: &Log) {
    // What the libraries say of themselves is of use to nobody who runs this, unless it is asked for by name;
    // actix-http writes an error for every malformed request, and anybody can send those; the reader of database
    // addresses writes what it does not know, and that may be a password.
    let filter = format!("actix_server=warn,actix_http=off,sqlx_postgres::options=off,{}", log.filter);
    let filter = tracing_subscriber::registry().with(filter.parse::<Targets>().unwrap_or_default());
    let lines = fmt::layer().with_writer(|| OneLine(io::stderr()));
    if log.json {
        drop(tracing::subscriber::set_global_default(filter.with(lines.json().flatten_event(true))));
    } else {
        let color =
            std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        drop(tracing::subscriber::set_global_default(filter.with(lines.with_ansi(color).with_target(false))));
    }
}

/// Writes each event as one line: a line break inside of it, wherever it came from, must not begin another.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    /// Gets one whole event at a time.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        if line.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            let text = String::from_utf8_lossy(line).replace('\n', "\\n").replace('\r', "\\r");
            self.0.write_all((text + "\n").as_bytes())?;
        } else {
            self.0.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::OneLine;

    #[test]
    fn an_event_is_one_line() {
        let mut log = OneLine(Vec::new());
        log.write_all(b"one\r\n2026 ERROR forged\n").unwrap();
        log.write_all(b"two\n").unwrap();
        assert_eq!(log.0, b"one\\r\\n2026 ERROR forged\ntwo\n");
    }
}
