//! Around every request: counts it, and sends the headers that every answer carries.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use futures_util::future::LocalBoxFuture;
use tokio::time::Instant;

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
pub struct Observe(pub Arc<Metrics>);

impl<S, B> Transform<S, ServiceRequest> for Observe
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = actix_web::Error;
    type Transform = ObserveService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(ObserveService { service: Rc::new(service), metrics: Arc::clone(&self.0) }))
    }
}

/// The middleware of one worker.
pub struct ObserveService<S> {
    service: Rc<S>,
    metrics: Arc<Metrics>,
}

impl<S, B> Service<ServiceRequest> for ObserveService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Self::Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let started = Instant::now();
        let method = method_label(request.method());
        let metrics = Arc::clone(&self.metrics);
        let answer = self.service.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            let headers = response.headers_mut();
            for (name, value) in EVERYWHERE {
                headers.insert(name, value);
            }
            let pattern = response.request().match_pattern();
            count(&metrics, pattern.as_deref(), method, response.status().as_u16(), started.elapsed());
            Ok(response)
        })
    }
}

/// Labels come from the table of routes and a short list of methods, never from the request.
fn count(metrics: &Metrics, pattern: Option<&str>, method: &str, status: u16, took: Duration) {
    let route = pattern.unwrap_or("other");
    let mut digits = [b'0'; 3];
    for (place, digit) in digits.iter_mut().rev().zip([status % 10, status / 10 % 10, status / 100 % 10]) {
        *place = b'0' + u8::try_from(digit).unwrap_or(0);
    }
    let status = std::str::from_utf8(&digits).unwrap_or("000");
    metrics.http_requests.with_label_values(&[route, method, status]).inc();
    metrics.http_duration.with_label_values(&[route]).observe(took.as_secs_f64());
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
