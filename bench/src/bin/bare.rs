//! The limit that a server on actix-web can reach: a handler that returns fixed bytes, and nothing else.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;
use clap::Parser;

/// Answers `GET /api/version` with the bytes of a file.
#[derive(Debug, Parser)]
struct Args {
    /// Address to listen on.
    #[arg(long)]
    listen: SocketAddr,
    /// The body, JSON.
    #[arg(long)]
    body: PathBuf,
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let args = Args::parse();
    let body = web::Data::new(Bytes::from(std::fs::read(&args.body)?));
    HttpServer::new(move || App::new().app_data(body.clone()).route("/api/version", web::get().to(answer)))
        .workers(1)
        .bind(args.listen)?
        .run()
        .await
}

async fn answer(body: web::Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(Bytes::clone(&body))
}
