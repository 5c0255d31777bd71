//! Metric names, help texts and registration. Low cardinality: versions appear only in `_info`, and no label
//! comes from outside.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use contract::{BuildStamp, ErrorCode};
use prometheus::{
    Encoder, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    TextEncoder,
};

use crate::budget::Ledger;
use crate::verdict::Finding;

/// Everything that is counted while the process runs.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Checks by target and outcome.
    pub checks: IntCounterVec,
    /// Requests to upstream by host and outcome.
    pub upstream_requests: IntCounterVec,
    /// Answers of `/api/version` by how they were made.
    pub cache: CacheCounters,
    /// Requests by route, method and status.
    pub http_requests: IntCounterVec,
    /// Their time by route.
    pub http_duration: HistogramVec,
    /// Checks that panicked.
    pub panics: IntCounter,
    /// When the scheduler was found stalled, Unix seconds; 0 while it is not.
    stalled_at: AtomicI64,
    stalls: AtomicU64,
}

/// `sidewatch_cache_requests_total`, each result at hand because the hot path counts one per request.
#[derive(Debug)]
pub struct CacheCounters {
    /// A good answer from memory.
    pub hit: IntCounter,
    /// An outdated answer from memory.
    pub stale: IntCounter,
    /// Had to wait for a first answer.
    pub miss: IntCounter,
    /// Asked upstream on demand.
    pub forced: IntCounter,
    /// Was not allowed to.
    pub refused: IntCounter,
}

/// One target at the time of a scrape.
#[derive(Debug)]
pub struct TargetReading {
    /// Its name.
    pub name: String,
    /// What can be said of it.
    pub finding: Finding,
    /// Steady state of its checks, Unix seconds.
    pub last_attempt: Option<f64>,
    /// The last good one.
    pub last_success: Option<f64>,
    /// Age of the latest version, seconds.
    pub release_age: Option<f64>,
}

fn counter(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> prometheus::Result<IntCounterVec> {
    let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
    registry.register(Box::new(counter.clone()))?;
    Ok(counter)
}

fn gauge(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<GaugeVec> {
    let gauge = GaugeVec::new(Opts::new(name, help), labels)?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

impl Metrics {
    /// Registers everything.
    ///
    /// # Errors
    /// If two metrics had one name.
    pub fn new(stamp: BuildStamp) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let info = gauge(
            &registry,
            "sidewatch_build_info",
            "Which build runs; always 1.",
            &["version", "commit", "date"],
        )?;
        info.with_label_values(&[stamp.version, stamp.commit, stamp.date]).set(1.0);
        let process = prometheus::process_collector::ProcessCollector::for_self();
        registry.register(Box::new(process))?;
        let duration =
            HistogramOpts::new("sidewatch_http_request_duration_seconds", "Time to answer, by route.")
                .buckets(vec![0.0005, 0.005, 0.05, 0.5, 5.0]);
        let http_duration = HistogramVec::new(duration, &["route"])?;
        registry.register(Box::new(http_duration.clone()))?;
        let panics = IntCounter::new(
            "sidewatch_check_panics_total",
            "Checks that panicked; a bug, please report it.",
        )?;
        registry.register(Box::new(panics.clone()))?;
        let cache = counter(
            &registry,
            "sidewatch_cache_requests_total",
            "Version answers by how they were made: hit, stale, miss, forced, refused.",
            &["result"],
        )?;
        Ok(Self {
            checks: counter(
                &registry,
                "sidewatch_checks_total",
                "Checks by target and outcome: ok, unchanged, or an error code.",
                &["target", "outcome"],
            )?,
            upstream_requests: counter(
                &registry,
                "sidewatch_upstream_requests_total",
                "Requests to upstream by kind of host (api, web, registry) and outcome.",
                &["host", "outcome"],
            )?,
            cache: CacheCounters {
                hit: cache.with_label_values(&["hit"]),
                stale: cache.with_label_values(&["stale"]),
                miss: cache.with_label_values(&["miss"]),
                forced: cache.with_label_values(&["forced"]),
                refused: cache.with_label_values(&["refused"]),
            },
            http_requests: counter(
                &registry,
                "sidewatch_http_requests_total",
                "Requests by route, method and status.",
                &["route", "method", "status"],
            )?,
            http_duration,
            panics,
            registry,
            stalled_at: AtomicI64::new(0),
            stalls: AtomicU64::new(0),
        })
    }

    /// The scheduler did not come when it should have.
    pub fn scheduler_stalled(&self, now_seconds: i64) {
        self.stalls.fetch_add(1, Ordering::Relaxed);
        self.stalled_at.store(now_seconds, Ordering::Relaxed);
    }

    /// The scheduler came.
    pub fn scheduler_runs(&self) {
        self.stalled_at.store(0, Ordering::Relaxed);
    }

    /// The text that Prometheus scrapes. What depends on the targets is read off now, so that a series that
    /// has nothing to tell is absent.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn render(
        &self,
        targets: &[TargetReading],
        ledger: &mut Ledger,
        now: chrono::DateTime<chrono::Utc>,
    ) -> prometheus::Result<Vec<u8>> {
        let momentary = Registry::new();
        TargetGauges::register(&momentary)?.fill(targets);
        self.momentary(&momentary, ledger, now)?;
        let mut text = Vec::new();
        let mut families = self.registry.gather();
        families.extend(momentary.gather());
        families.retain(|family| !family.get_metric().is_empty());
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(text)
    }

    fn momentary(
        &self,
        registry: &Registry,
        ledger: &mut Ledger,
        now: chrono::DateTime<chrono::Utc>,
    ) -> prometheus::Result<()> {
        let stalled = simple(
            registry,
            "sidewatch_scheduler_stalled",
            "1 while the scheduler has not come when it should have.",
        )?;
        stalled.set(f64::from(u8::from(self.stalled_at.load(Ordering::Relaxed) != 0)));
        let stalls = IntCounter::new(
            "sidewatch_scheduler_stalls_total",
            "Checks started by a request because the scheduler did not come.",
        )?;
        stalls.inc_by(self.stalls.load(Ordering::Relaxed));
        registry.register(Box::new(stalls))?;
        let spent = simple(registry, "sidewatch_budget_spent", "Upstream requests sent in the last hour.")?;
        spent.set(f64::from(ledger.sent_last_hour(now)));
        if let Some(allowance) = ledger.allowance {
            let remaining =
                simple(registry, "sidewatch_ratelimit_remaining", "Requests that GitHub said are left.")?;
            remaining.set(count(allowance.remaining));
            let reset = simple(
                registry,
                "sidewatch_ratelimit_reset_timestamp_seconds",
                "When GitHub fills them up.",
            )?;
            reset.set(unix(allowance.reset));
        }
        Ok(())
    }
}

struct TargetGauges {
    info: GaugeVec,
    available: GaugeVec,
    affected: GaugeVec,
    behind_releases: GaugeVec,
    behind_commits: GaugeVec,
    age: GaugeVec,
    attempt: GaugeVec,
    success: GaugeVec,
}

impl TargetGauges {
    fn register(registry: &Registry) -> prometheus::Result<Self> {
        let of_target = |name: &str, help: &str| gauge(registry, name, help, &["target"]);
        Ok(Self {
            info: gauge(
                registry,
                "sidewatch_version_info",
                "The running and the latest version; always 1.",
                &["target", "current", "latest"],
            )?,
            available: of_target(
                "sidewatch_update_available",
                "1 if there is an update, 0 if not, absent while unknown.",
            )?,
            affected: of_target(
                "sidewatch_security_affected",
                "1 if the running version has a published vulnerability, 0 if not, absent while unknown.",
            )?,
            behind_releases: of_target(
                "sidewatch_behind_releases",
                "Releases that the running version lacks.",
            )?,
            behind_commits: of_target("sidewatch_behind_commits", "Commits that the running one lacks.")?,
            age: of_target("sidewatch_release_age_seconds", "Age of the latest version.")?,
            attempt: of_target("sidewatch_last_attempt_timestamp_seconds", "When upstream was last tried.")?,
            success: of_target("sidewatch_last_success_timestamp_seconds", "When upstream last answered.")?,
        })
    }

    fn fill(&self, targets: &[TargetReading]) {
        for reading in targets {
            let name = reading.name.as_str();
            let finding = &reading.finding;
            let (current, latest) = (finding.current.as_deref(), finding.latest.as_deref());
            self.info.with_label_values(&[name, current.unwrap_or(""), latest.unwrap_or("")]).set(1.0);
            let set = |gauge: &GaugeVec, value: Option<f64>| {
                if let Some(value) = value {
                    gauge.with_label_values(&[name]).set(value);
                }
            };
            let yes = |answer: bool| f64::from(u8::from(answer));
            set(&self.available, finding.update_available().map(yes));
            set(&self.affected, finding.security.affected.map(yes));
            set(&self.behind_releases, finding.behind.releases.map(count));
            set(&self.behind_commits, finding.behind.commits.map(count));
            set(&self.age, reading.release_age);
            set(&self.attempt, reading.last_attempt);
            set(&self.success, reading.last_success);
        }
    }
}

fn simple(registry: &Registry, name: &str, help: &str) -> prometheus::Result<Gauge> {
    let gauge = Gauge::new(name, help)?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn count(value: u64) -> f64 {
    value as f64
}

/// Unix seconds of a time, as Prometheus counts.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "seconds stay far below 2^52")]
pub fn unix(time: chrono::DateTime<chrono::Utc>) -> f64 {
    time.timestamp() as f64
}

/// The label of an error code, as it stands in JSON.
#[must_use]
pub fn label(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Dns => "dns",
        ErrorCode::Connect => "connect",
        ErrorCode::Tls => "tls",
        ErrorCode::Timeout => "timeout",
        ErrorCode::Slow => "slow",
        ErrorCode::TooLarge => "too_large",
        ErrorCode::HttpStatus => "http_status",
        ErrorCode::Parse => "parse",
        ErrorCode::NoRelease => "no_release",
        ErrorCode::NotFound => "not_found",
        ErrorCode::TokenRejected => "token_rejected",
        ErrorCode::RateLimited => "rate_limited",
        ErrorCode::Proxy => "proxy",
        ErrorCode::Registry => "registry",
        ErrorCode::Budget => "budget",
        ErrorCode::WatcherUnavailable => "watcher_unavailable",
    }
}
