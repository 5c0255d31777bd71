//! Transcripts as clients see them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use app::routes::transcripts::{delete, get, put};
use app::transcripts::Transcripts;
use contract::{Problem, Transcript};
use reqwest::header::{
    CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER,
};
use reqwest::{Response, StatusCode};

use crate::fake_store::Mood;
use crate::place::{MAX, Place, SESSION, noise, places, sha256};

struct Server {
    address: SocketAddr,
    client: reqwest::Client,
    handle: ServerHandle,
}

impl Server {
    fn start(transcripts: &Arc<Transcripts>) -> Self {
        let shared = web::Data::new(Arc::clone(transcripts));
        let routes = move || {
            App::new().app_data(shared.clone()).service(
                web::resource("/api/sessions/{id}/transcript")
                    .route(web::put().to(put))
                    .route(web::get().to(get))
                    .route(web::head().to(get))
                    .route(web::delete().to(delete)),
            )
        };
        let server = HttpServer::new(routes).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let address = server.addrs()[0];
        let running = server.run();
        let handle = running.handle();
        actix_web::rt::spawn(running);
        // What the app's start does.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self { address, client: reqwest::Client::builder().no_gzip().build().unwrap(), handle }
    }

    fn url(&self, id: &str) -> String {
        format!("http://{}/api/sessions/{id}/transcript", self.address)
    }

    fn put(&self, id: &str, bytes: &[u8]) -> reqwest::RequestBuilder {
        self.client.put(self.url(id)).header(CONTENT_TYPE, "application/x-ndjson").body(bytes.to_vec())
    }

    async fn get(&self, id: &str) -> Response {
        self.client.get(self.url(id)).send().await.unwrap()
    }

    async fn stop(self) {
        self.handle.stop(false).await;
    }
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> String {
    response.headers().get(name).unwrap().to_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_transcript_is_put_read_replaced_and_deleted() {
    for place in places() {
        let server = Server::start(&place.transcripts);
        let bytes = noise(1, 300_000);
        let created = server.put(SESSION, &bytes).send().await.unwrap();
        assert_eq!(created.status(), StatusCode::CREATED);
        let told: Transcript = serde_json::from_slice(&created.bytes().await.unwrap()).unwrap();
        assert_eq!((told.bytes, &told.sha256), (300_000, &hex::encode(sha256(&bytes))));
        assert_eq!(server.put(SESSION, &bytes).send().await.unwrap().status(), StatusCode::OK);

        let read = server.get(SESSION).await;
        assert_eq!(read.status(), StatusCode::OK);
        assert_eq!(read.content_length(), Some(300_000));
        assert_eq!(header(&read, CONTENT_TYPE), "application/x-ndjson");
        assert_eq!(header(&read, CONTENT_DISPOSITION), "attachment; filename=\"transcript-session-1.jsonl\"");
        assert_eq!(header(&read, reqwest::header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let etag = header(&read, ETAG);
        assert_eq!(etag, format!("\"{}\"", told.sha256));
        assert_eq!(read.bytes().await.unwrap(), bytes);

        let known = server.client.get(server.url(SESSION)).header(IF_NONE_MATCH, format!("\"a\", W/{etag}"));
        assert_eq!(known.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
        let head = server.client.head(server.url(SESSION)).send().await.unwrap();
        assert_eq!(
            (head.status(), header(&head, reqwest::header::CONTENT_LENGTH)),
            (StatusCode::OK, "300000".into())
        );

        let gone = server.client.delete(server.url(SESSION)).send().await.unwrap();
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
        let missing = server.client.delete(server.url(SESSION)).send().await.unwrap();
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        assert_eq!(server.get(SESSION).await.status(), StatusCode::NOT_FOUND);
        server.stop().await;
    }
}

#[actix_web::test]
async fn each_refusal_has_its_status_and_keeps_nothing() {
    let place = Place::in_files();
    let server = Server::start(&place.transcripts);
    let wrong = hex::encode(sha256(b"other"));
    let large = vec![0; usize::try_from(MAX).unwrap() + 1];
    let cases = [
        (server.put(SESSION, b"x").header("X-Content-Sha256", wrong), 422),
        (
            server
                .put(SESSION, b"x")
                .header("Repr-Digest", "sha-256=:LXEWQrcmsEQBYnyp++6f5yc1+52Zvfwl3FfHMQ==:"),
            400,
        ),
        (
            server
                .put(SESSION, b"x")
                .header("Repr-Digest", "sha-256=:LXEWQrcmsEQBYnyp+6f5yc1+52Zvfwl3FfHMQTnUNqg=:"),
            422,
        ),
        (server.put(SESSION, b"x").header(CONTENT_ENCODING, "gzip"), 415),
        (server.put(SESSION, &large), 413),
        (server.put("a%2Fb", b"x"), 400),
        (server.client.get(server.url("a%2Fb")), 404),
        (server.client.get(server.url("unknown")), 404),
    ];
    for (request, status) in cases {
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, CONTENT_TYPE), "application/problem+json", "{status}");
        let problem: Problem = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(problem.status, status, "{problem:?}");
        place.assert_nothing_is_left();
    }
    // "x" has this digest.
    let right = "sha-256=:LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=:";
    let kept = server.client.put(server.url(SESSION)).header("Repr-Digest", right);
    let kept = kept.header(CONTENT_TYPE, "image/svg+xml").body("x").send();
    assert_eq!(kept.await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(header(&server.get(SESSION).await, CONTENT_TYPE), "application/octet-stream");
    server.stop().await;
}

#[actix_web::test]
async fn what_is_away_is_a_503_that_says_when_to_come_again() {
    let mut place = Place::in_s3();
    let server = Server::start(&place.transcripts);
    *place.store.mood.lock().unwrap() = Mood::Away;
    let refused = server.put(SESSION, b"x").send().await.unwrap();
    assert_eq!((refused.status().as_u16(), header(&refused, RETRY_AFTER)), (503, "5".into()));
    *place.store.mood.lock().unwrap() = Mood::Well;
    assert_eq!(server.put(SESSION, b"x").send().await.unwrap().status(), StatusCode::CREATED);

    place.s3.as_mut().unwrap().stop();
    let refused = server.put("s-2", b"x").send().await.unwrap();
    assert_eq!((refused.status().as_u16(), header(&refused, RETRY_AFTER)), (503, "5".into()));
    assert_eq!(place.store.row("s-2"), None);
    let refused = server.get(SESSION).await;
    assert_eq!((refused.status().as_u16(), header(&refused, RETRY_AFTER)), (503, "5".into()));
    assert_eq!(server.get("s-2").await.status(), StatusCode::NOT_FOUND);
    server.stop().await;
}

#[actix_web::test]
async fn a_client_that_hangs_up_leaves_nothing() {
    let place = Place::in_files();
    let server = Server::start(&place.transcripts);
    let mut client = TcpStream::connect(server.address).unwrap();
    let head =
        "PUT /api/sessions/session-1/transcript HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n";
    client.write_all(head.as_bytes()).unwrap();
    client.write_all(&noise(1, 1_000_000)).unwrap();
    while place.transcripts.spool.bytes() == 0 {
        tokio::task::yield_now().await;
    }
    drop(client);
    while place.transcripts.spool.uploads() > 0 {
        tokio::task::yield_now().await;
    }
    place.assert_nothing_is_left();
    server.stop().await;
}

#[actix_web::test]
async fn rot_is_a_502_or_an_answer_that_breaks_off() {
    for place in places() {
        let server = Server::start(&place.transcripts);
        for (id, length) in [("small", 1_000), ("large", 3 << 20)] {
            server.put(id, &noise(2, length)).send().await.unwrap();
            let blob = place.objects().join(place.store.row(id).unwrap().blob_key);
            let mut bytes = std::fs::read(&blob).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&blob, bytes).unwrap();
        }
        assert_eq!(server.get("small").await.status(), StatusCode::BAD_GATEWAY);
        let large = server.get("large").await;
        assert_eq!(large.status(), StatusCode::OK);
        assert!(large.bytes().await.is_err(), "{}: it looks whole", place.name);
        server.stop().await;
    }
}

#[actix_web::test]
async fn a_chunked_upload_without_an_end_is_no_upload() {
    let place = Place::in_files();
    let server = Server::start(&place.transcripts);
    let address = server.address;
    let answer = actix_web::rt::task::spawn_blocking(move || {
        let mut client = TcpStream::connect(address).unwrap();
        let head = "PUT /api/sessions/session-1/transcript HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        client.write_all(format!("{head}5\r\nhello\r\n").as_bytes()).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        drop(client.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = answer.await.unwrap();
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    place.assert_nothing_is_left();
    server.stop().await;
}
