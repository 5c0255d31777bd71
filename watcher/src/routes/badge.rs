//! `GET /badge.svg` and `GET /badge.json`: the state in a few words.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use contract::{Comparison, Severity, Status};
use serde_json::json;

use super::{AppState, Selected};
use crate::error::ApiError;
use crate::verdict::Finding;

/// What a badge says.
struct Badge {
    label: String,
    message: String,
    color: Color,
}

#[derive(Clone, Copy)]
enum Color {
    Green,
    Yellow,
    Red,
    Blue,
    Grey,
}

impl Color {
    /// Name for shields; its hexadecimal value, dark enough for white text (WCAG AA).
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Green => ("brightgreen", "#2b7a0b"),
            Self::Yellow => ("yellow", "#8a6100"),
            Self::Red => ("red", "#c02b1d"),
            Self::Blue => ("blue", "#0b6bab"),
            Self::Grey => ("lightgrey", "#666"),
        }
    }
}

impl Badge {
    fn of(name: &str, finding: &Finding, status: Status) -> Self {
        let latest = finding.latest.clone().unwrap_or_default();
        let latest =
            latest.get(..7).filter(|_| finding.severity == Some(Severity::Commits)).unwrap_or(&latest);
        let (message, color) = match finding.comparison {
            _ if status == Status::Disabled => ("checks off".to_owned(), Color::Grey),
            Comparison::Behind if finding.security.affected == Some(true) => {
                (format!("security update {latest}"), Color::Red)
            }
            _ if finding.security.affected == Some(true) => ("vulnerable".to_owned(), Color::Red),
            Comparison::Behind => (format!("update {latest}"), Color::Yellow),
            Comparison::Identical => ("up to date".to_owned(), Color::Green),
            Comparison::Ahead => ("ahead".to_owned(), Color::Blue),
            Comparison::Diverged => ("diverged".to_owned(), Color::Blue),
            Comparison::Unknown => ("unknown".to_owned(), Color::Grey),
        };
        let badge = Self { label: name.to_owned(), message: shortened(&message), color };
        if matches!(status, Status::Stale | Status::Unknown) && finding.comparison != Comparison::Unknown {
            badge.doubted()
        } else {
            badge
        }
    }

    /// What was true once: a warning stays one, but nothing is said to be well.
    fn doubted(self) -> Self {
        let color = match self.color {
            Color::Yellow | Color::Red => self.color,
            Color::Green | Color::Blue | Color::Grey => Color::Grey,
        };
        Self { message: format!("{} (stale)", self.message), color, ..self }
    }
}

/// A version may be up to 128 bytes long; a badge may not.
fn shortened(message: &str) -> String {
    if message.chars().count() <= 40 {
        message.to_owned()
    } else {
        message.chars().take(39).chain(['…']).collect()
    }
}

/// The state as a picture.
#[utoipa::path(
    get,
    path = "/badge.svg",
    tag = "views",
    params(super::TargetQuery),
    responses(
        (status = 200, description = "An SVG picture", body = String, content_type = "image/svg+xml"),
        super::problems::ReadProblems,
    )
)]
pub async fn svg(state: web::Data<AppState>, selected: Selected) -> Result<HttpResponse, ApiError> {
    let badge = badge(&state, &selected);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/svg+xml"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(draw(&badge)))
}

/// The state for shields' endpoint badge.
#[utoipa::path(
    get,
    path = "/badge.json",
    tag = "views",
    params(super::TargetQuery),
    responses(
        (status = 200, description = "`schemaVersion`, `label`, `message`, `color`"),
        super::problems::ReadProblems,
    )
)]
pub async fn json(state: web::Data<AppState>, selected: Selected) -> Result<HttpResponse, ApiError> {
    let Badge { label, message, color } = badge(&state, &selected);
    let body = json!({ "schemaVersion": 1, "label": label, "message": message, "color": color.names().0 });
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).json(body))
}

fn badge(state: &AppState, selected: &Selected) -> Badge {
    state.checker.nudge(selected.index);
    let watched = &selected.watched;
    Badge::of(&watched.target.name, &watched.finding(), watched.state().status)
}

fn draw(badge: &Badge) -> String {
    let (label, message) = (escape(&badge.label), escape(&badge.message));
    let (left, right) = (width(&badge.label), width(&badge.message));
    let total = left + right;
    let color = badge.color.names().1;
    let middle = left + right / 2;
    let half = left / 2;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total}\" height=\"20\" role=\"img\" \
         aria-label=\"{label}: {message}\"><title>{label}: {message}</title>\
         <rect width=\"{total}\" height=\"20\" rx=\"3\" fill=\"#444\"/>\
         <path d=\"M{left} 0h{stem}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left}z\" fill=\"{color}\"/>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{half}\" y=\"14\">{label}</text><text x=\"{middle}\" y=\"14\">{message}</text></g></svg>",
        stem = right - 3
    )
}

/// About seven units a sign at this size, and room at both ends.
fn width(text: &str) -> usize {
    text.chars().count() * 7 + 14
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
