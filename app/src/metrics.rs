//! Metric names, help texts and registration. Low cardinality: no label comes from outside.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use contract::BuildStamp;
use prometheus::{
    Encoder, Gauge, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

use crate::event_queue::Status;

/// Why an event was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// A field breaks a rule.
    Invalid,
    /// Its id is another event's.
    Conflict,
    /// The database refuses it.
    Refused,
}

/// Why an event was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadLetterCause {
    /// What was queued is no event.
    Unreadable,
    /// Its id is another event's.
    Conflict,
    /// The database refuses it.
    Refused,
}

/// What happened to a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranscriptStep {
    /// It was uploaded and kept.
    Saved,
    /// It was uploaded, and was there already.
    Unchanged,
    /// An upload was not kept.
    Refused,
    /// It was asked for.
    Read,
    /// Its blob holds other bytes than were uploaded.
    Corrupt,
    /// Its blob is gone.
    Missing,
    /// A blob was taken away because nothing had named it for long.
    Swept,
}

impl TranscriptStep {
    fn label(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Read => "read",
            Self::Corrupt => "corrupt",
            Self::Missing => "missing",
            Self::Swept => "swept",
        }
    }
}

/// Everything that is counted while the process runs.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Events that became durable.
    pub events_accepted: IntCounter,
    /// Events that were there already.
    pub events_duplicate: IntCounter,
    events_rejected: IntCounterVec,
    events_stored: IntCounter,
    events_dead_lettered: IntCounterVec,
    queue_depth: IntGauge,
    queue_lag: Gauge,
    dead_letters: IntGauge,
    /// Rounds of the consumer that ended in trouble.
    pub consumer_failures: IntCounter,
    last_stored: IntGauge,
    schema_version: IntGauge,
    migrations: IntCounter,
    transcripts: IntCounterVec,
    http_requests: IntCounterVec,
    http_duration: HistogramVec,
}

fn counter(registry: &Registry, name: &str, help: &str) -> prometheus::Result<IntCounter> {
    let counter = IntCounter::new(name, help)?;
    registry.register(Box::new(counter.clone()))?;
    Ok(counter)
}

fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> prometheus::Result<IntCounterVec> {
    let counters = IntCounterVec::new(Opts::new(name, help), labels)?;
    registry.register(Box::new(counters.clone()))?;
    Ok(counters)
}

fn gauge(registry: &Registry, name: &str, help: &str) -> prometheus::Result<IntGauge> {
    let gauge = IntGauge::new(name, help)?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

fn info(registry: &Registry, stamp: BuildStamp) -> prometheus::Result<()> {
    let labels = ["version", "commit", "date"];
    let info = prometheus::IntGaugeVec::new(
        Opts::new("remote_agent_build_info", "Which build runs; always 1."),
        &labels,
    )?;
    info.with_label_values(&[stamp.version, stamp.commit, stamp.date]).set(1);
    registry.register(Box::new(info))
}

fn durations(registry: &Registry) -> prometheus::Result<HistogramVec> {
    let options =
        HistogramOpts::new("remote_agent_http_request_duration_seconds", "Time to answer, by route.");
    let buckets = vec![0.0005, 0.002, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0];
    let durations = HistogramVec::new(options.buckets(buckets), &["route"])?;
    registry.register(Box::new(durations.clone()))?;
    Ok(durations)
}

fn lag(registry: &Registry) -> prometheus::Result<Gauge> {
    let lag =
        Gauge::new("remote_agent_queue_lag_seconds", "How long the oldest event has waited to be stored.")?;
    registry.register(Box::new(lag.clone()))?;
    Ok(lag)
}

impl Metrics {
    /// Registers everything.
    ///
    /// # Errors
    /// If two metrics had one name.
    pub fn new(stamp: BuildStamp) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let all = &registry;
        info(all, stamp)?;
        all.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(Self {
            events_accepted: counter(
                all,
                "remote_agent_events_accepted_total",
                "Events that became durable.",
            )?,
            events_duplicate: counter(
                all,
                "remote_agent_events_duplicate_total",
                "Events that were there already.",
            )?,
            events_rejected: counters(
                all,
                "remote_agent_events_rejected_total",
                "Events not taken, by reason: invalid, conflict, refused.",
                &["reason"],
            )?,
            events_stored: counter(
                all,
                "remote_agent_events_stored_total",
                "New events that the consumer brought into the database.",
            )?,
            events_dead_lettered: counters(
                all,
                "remote_agent_events_dead_lettered_total",
                "Events that the consumer gave up, by cause: unreadable, conflict, refused.",
                &["cause"],
            )?,
            queue_depth: gauge(all, "remote_agent_queue_depth", "Events that wait to be stored.")?,
            queue_lag: lag(all)?,
            dead_letters: gauge(
                all,
                "remote_agent_dead_letters",
                "Events that were given up and wait for replay.",
            )?,
            consumer_failures: counter(
                all,
                "remote_agent_consumer_failures_total",
                "Tries of the consumer that ended because the queue or the database was away.",
            )?,
            last_stored: gauge(
                all,
                "remote_agent_last_stored_timestamp_seconds",
                "When the consumer last stored an event; 0 before the first.",
            )?,
            schema_version: gauge(
                all,
                "remote_agent_schema_version",
                "Number of the newest applied migration; 0 while unknown.",
            )?,
            migrations: counter(
                all,
                "remote_agent_migrations_applied_total",
                "Migrations that this process applied.",
            )?,
            transcripts: counters(
                all,
                "remote_agent_transcripts_total",
                "Transcripts by what happened to them: saved, unchanged, refused, read, corrupt, missing, swept.",
                &["step"],
            )?,
            http_requests: counters(
                all,
                "remote_agent_http_requests_total",
                "Requests by route, method and status.",
                &["route", "method", "status"],
            )?,
            http_duration: durations(all)?,
            registry,
        })
    }

    /// An event was not taken.
    pub fn rejected(&self, reason: Rejection) {
        let reason = match reason {
            Rejection::Invalid => "invalid",
            Rejection::Conflict => "conflict",
            Rejection::Refused => "refused",
        };
        self.events_rejected.with_label_values(&[reason]).inc();
    }

    /// The consumer stored so many new events.
    pub fn stored(&self, events: u64) {
        self.events_stored.inc_by(events);
        if events > 0 {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.last_stored.set(signed(now.as_secs()));
        }
    }

    /// When the consumer last stored an event, Unix seconds; 0 before the first.
    #[must_use]
    pub fn last_stored(&self) -> i64 {
        self.last_stored.get()
    }

    /// The consumer gave up so many events.
    pub fn dead_lettered(&self, cause: DeadLetterCause, events: u64) {
        let cause = match cause {
            DeadLetterCause::Unreadable => "unreadable",
            DeadLetterCause::Conflict => "conflict",
            DeadLetterCause::Refused => "refused",
        };
        self.events_dead_lettered.with_label_values(&[cause]).inc_by(events);
    }

    /// How the queue stands.
    pub fn queue(&self, status: &Status) {
        self.queue_depth.set(signed(status.depth));
        self.queue_lag.set(status.lag.as_secs_f64());
        self.dead_letters.set(signed(status.dead_letters));
    }

    /// The schema's version is known, and so many migrations were applied by this process.
    pub fn schema(&self, version: i64, applied: u64) {
        self.schema_version.set(version);
        self.migrations.inc_by(applied);
    }

    /// Something happened to a transcript.
    pub fn transcript(&self, step: TranscriptStep) {
        self.transcripts.with_label_values(&[step.label()]).inc();
    }

    /// How often that happened.
    #[must_use]
    pub fn transcripts(&self, step: TranscriptStep) -> u64 {
        self.transcripts.with_label_values(&[step.label()]).get()
    }

    /// A request was answered. `route` is the route's pattern, never a path; methods that no route has are one label.
    pub fn request(&self, route: &str, method: &str, status: u16, time: Duration) {
        let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
        let method = known.into_iter().find(|known| *known == method).unwrap_or("other");
        self.http_requests.with_label_values(&[route, method, &status.to_string()]).inc();
        self.http_duration.with_label_values(&[route]).observe(time.as_secs_f64());
    }

    /// The text that Prometheus scrapes.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn encode(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::new();
        let mut families = self.registry.gather();
        families.retain(|family| !family.get_metric().is_empty());
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(text)
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_and_methods_are_few() {
        let stamp = BuildStamp { version: "1.2.3", commit: "abc", date: "2026-01-30" };
        let metrics = Metrics::new(stamp).unwrap();
        metrics.rejected(Rejection::Conflict);
        metrics.queue(&Status { depth: 7, mebibytes: 1, lag: Duration::from_millis(1500), dead_letters: 1 });
        metrics.request("/api/events", "BREW", 405, Duration::from_millis(3));
        metrics.schema(4, 2);
        metrics.transcript(TranscriptStep::Saved);
        metrics.stored(3);
        let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
        for line in [
            "remote_agent_build_info{commit=\"abc\",date=\"2026-01-30\",version=\"1.2.3\"} 1",
            "remote_agent_events_rejected_total{reason=\"conflict\"} 1",
            "remote_agent_queue_depth 7",
            "remote_agent_queue_lag_seconds 1.5",
            "remote_agent_http_requests_total{method=\"other\",route=\"/api/events\",status=\"405\"} 1",
            "remote_agent_schema_version 4",
            "remote_agent_events_stored_total 3",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
