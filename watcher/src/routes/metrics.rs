//! `GET /metrics`: for Prometheus.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use anyhow::Context;
use chrono::{DateTime, Utc};

use super::AppState;
use crate::error::ApiError;
use crate::metrics::{TargetReading, unix};
use crate::watched::Watched;

/// Metrics in the text format of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operating",
    responses((status = 200, description = "Metrics", body = String, content_type = "text/plain"))
)]
pub async fn metrics(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    let clock = state.checker.clock();
    let now = clock.wall();
    let targets = state.checker.targets();
    for index in 0..targets.len() {
        state.checker.nudge(index);
    }
    let readings: Vec<TargetReading> = targets.iter().map(|watched| reading(watched, now)).collect();
    let mut ledger = state.store.read_ledger().await;
    let text = state.metrics.render(&readings, &mut ledger, clock.steady()).context("write the metrics")?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text))
}

fn reading(watched: &Watched, now: DateTime<Utc>) -> TargetReading {
    let finding = watched.finding();
    let (attempt, success) = watched.with_snapshot(|snapshot| (snapshot.last_attempt, snapshot.last_success));
    TargetReading {
        name: watched.target.name.clone(),
        release_age: finding.published_at.map(|at| unix(now) - unix(at)),
        finding,
        last_attempt: attempt.map(unix),
        last_success: success.map(unix),
    }
}
