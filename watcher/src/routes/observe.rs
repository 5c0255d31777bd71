//! Around every request: counts it, and sends the headers that every answer carries.

use std::cell::RefCell;
use std::future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, web};
use pin_project_lite::pin_project;
use prometheus::{Histogram, IntCounter};
use tokio::time::Instant;

use super::{AppState, version};
use crate::metrics::Metrics;

/// What no answer of this service ever needs to allow.
const EVERYWHERE: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Counts requests and completes answers.
pub struct Observe(pub web::Data<AppState>);

impl<S> Transform<S, ServiceRequest> for Observe
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = actix_web::Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = actix_web::Error;
    type Transform = ObserveService<S>;
    type InitError = ();
    type Future = future::Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let series = Series { metrics: Arc::clone(&self.0.metrics), routes: RefCell::default() };
        future::ready(Ok(ObserveService { service, state: self.0.clone(), series: Rc::new(series) }))
    }
}

/// The middleware of one worker.
pub struct ObserveService<S> {
    service: S,
    state: web::Data<AppState>,
    series: Rc<Series>,
}

impl<S> Service<ServiceRequest> for ObserveService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = actix_web::Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = actix_web::Error;
    type Future = Observed<S::Future>;

    forward_ready!(service);

    /// What is asked most is answered before the table of routes is walked: that costs as much as the answer.
    fn call(&self, request: ServiceRequest) -> Self::Future {
        let started = Instant::now();
        let method = method_label(request.method());
        if let Some(response) = version::at_once(&self.state, request.request(), started) {
            let mut response = request.into_response(response);
            self.series.complete(&mut response, method, started);
            return Observed::AtOnce { response: Some(response) };
        }
        let series = Rc::clone(&self.series);
        Observed::Routed { started, method, series, answer: self.service.call(request) }
    }
}

pin_project! {
    /// An answer under way. Written out, because a boxed one costs the hot path an allocation.
    #[project = Step]
    pub enum Observed<F> {
        /// It is there.
        AtOnce {
            response: Option<ServiceResponse>,
        },
        /// A route makes it.
        Routed {
            started: Instant,
            method: &'static str,
            series: Rc<Series>,
            #[pin]
            answer: F,
        },
    }
}

impl<F> Future for Observed<F>
where
    F: Future<Output = Result<ServiceResponse, actix_web::Error>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Step::AtOnce { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                // Nobody asks again after the answer.
                None => Poll::Pending,
            },
            Step::Routed { started, method, series, answer } => {
                let mut response = ready!(answer.poll(context))?;
                series.complete(&mut response, method, *started);
                Poll::Ready(Ok(response))
            }
        }
    }
}

/// The series that a worker has counted in before, at hand: to look one up by its labels, and to match a path
/// against the table of routes again, takes longer than to answer.
pub struct Series {
    metrics: Arc<Metrics>,
    routes: RefCell<Vec<Route>>,
}

/// The series of one route.
struct Route {
    /// From the table of routes, never from a request; a path without parameters is its own pattern.
    pattern: String,
    duration: Histogram,
    /// By method and status.
    requests: Vec<(&'static str, u16, IntCounter)>,
}

impl Series {
    /// Adds what every answer carries, and counts it.
    fn complete(&self, response: &mut ServiceResponse, method: &'static str, started: Instant) {
        let headers = response.headers_mut();
        for (name, value) in EVERYWHERE {
            headers.insert(name, value);
        }
        self.count(response.request(), method, response.status().as_u16(), started.elapsed());
    }

    fn count(&self, request: &HttpRequest, method: &'static str, status: u16, took: Duration) {
        let mut routes = self.routes.borrow_mut();
        let place = match position(&routes, request.path()) {
            Some(place) => place,
            None => self.open(&mut routes, request.match_pattern().as_deref().unwrap_or("other")),
        };
        let route = &mut routes[place];
        let known = route.requests.iter().find(|known| known.0 == method && known.1 == status);
        match known {
            Some((_, _, counter)) => counter.inc(),
            None => {
                let labels = [route.pattern.as_str(), method, &status.to_string()];
                let counter = self.metrics.http_requests.with_label_values(&labels);
                counter.inc();
                route.requests.push((method, status, counter));
            }
        }
        route.duration.observe(took.as_secs_f64());
    }

    /// The place of a route that may not have been counted yet.
    fn open(&self, routes: &mut Vec<Route>, pattern: &str) -> usize {
        position(routes, pattern).unwrap_or_else(|| {
            let duration = self.metrics.http_duration.with_label_values(&[pattern]);
            routes.push(Route { pattern: pattern.to_owned(), duration, requests: Vec::new() });
            routes.len() - 1
        })
    }
}

fn position(routes: &[Route], pattern: &str) -> Option<usize> {
    routes.iter().position(|route| route.pattern == pattern)
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
