//! Logs on stderr: one event per line, as text or JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use crate::config::Log;

/// Starts logging; a second call in one process changes nothing.
pub fn start(log: &Log) {
    // What the libraries say of themselves is of use to nobody who runs this, unless it is asked for by name;
    // actix-http writes an error for every malformed request, and anybody can send those.
    let filter = format!("actix_server=warn,actix_http=off,tokio_cron_scheduler=warn,{}", log.filter);
    let filter = filter.parse::<EnvFilter>().unwrap_or_default();
    let builder = Subscriber::builder().with_env_filter(filter).with_writer(std::io::stderr);
    if log.json {
        drop(tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish()));
    } else {
        let color =
            std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        drop(tracing::subscriber::set_global_default(builder.with_ansi(color).with_target(false).finish()));
    }
}
