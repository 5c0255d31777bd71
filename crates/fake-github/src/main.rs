//! Serves a ready-made world for scripts and benchmarks, until it is interrupted.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use fake_github::{Builder, Door, FakeGithub, Many};

/// A stand-in for GitHub and an image registry.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Address of the API.
    #[arg(long, default_value = "127.0.0.1:0")]
    api: SocketAddr,
    /// Address of the web site.
    #[arg(long, default_value = "127.0.0.1:0")]
    web: SocketAddr,
    /// Address of the registry.
    #[arg(long, default_value = "127.0.0.1:0")]
    registry: SocketAddr,
    /// Host name in every URL handed out (default: the address).
    #[arg(long)]
    host: Option<String>,
    /// HTTPS, with an authority made at start.
    #[arg(long)]
    tls: bool,
    /// Where to write that authority's certificate.
    #[arg(long, requires = "tls")]
    ca_out: Option<PathBuf>,
    /// What there is.
    #[arg(long, value_enum, default_value_t = Scenario::Demo)]
    scenario: Scenario,
    /// How many repositories (many).
    #[arg(long, default_value_t = 1000)]
    targets: usize,
    /// How many releases each of them has (many).
    #[arg(long, default_value_t = 10)]
    releases_per_target: usize,
    /// Seconds until v1.3.0 is published (demo).
    #[arg(long, default_value_t = 30)]
    publish_after_seconds: u64,
    /// Wait before each answer, such as 50ms or 2s.
    #[arg(long, value_parser = duration, default_value = "0ms")]
    latency: Duration,
    /// A token to accept; may be given several times.
    #[arg(long)]
    token: Vec<String>,
    /// Requests an hour without a token.
    #[arg(long)]
    limit_anonymous: Option<u64>,
    /// Serve /__admin/… on the API's address.
    #[arg(long)]
    admin: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Scenario {
    /// yourorg/remote-agent with a new release after a while.
    Demo,
    /// octo/app-0 and on.
    Many,
    /// Nothing; fill it over /__admin/publish.
    Empty,
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit): (&str, fn(u64) -> Duration) = match text.strip_suffix("ms") {
        Some(number) => (number, Duration::from_millis),
        None => (text.strip_suffix('s').ok_or("write 50ms or 2s")?, Duration::from_secs),
    };
    number.parse().map(unit).map_err(|error| format!("write 50ms or 2s: {error}"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if this fails too.
            let _ = writeln!(io::stderr(), "fake-github: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> io::Result<()> {
    let mut builder: Builder = FakeGithub::builder()
        .address(Door::Api, args.api)
        .address(Door::Web, args.web)
        .address(Door::Registry, args.registry)
        .keep_calls(0);
    if args.tls {
        builder = builder.tls();
    }
    if args.admin {
        builder = builder.admin();
    }
    if let Some(host) = &args.host {
        builder = builder.host(host);
    }
    let fake = builder.try_start().await?;
    fill(&fake, &args);
    if let (Some(path), Some(pem)) = (&args.ca_out, fake.ca_pem()) {
        std::fs::write(path, pem)?;
    }
    let ready =
        serde_json::json!({ "api": fake.api_url(), "web": fake.web_url(), "registry": fake.registry_url() });
    writeln!(io::stdout(), "{ready}")?;
    io::stdout().flush()?;
    stopped().await
}

fn fill(fake: &FakeGithub, args: &Args) {
    match args.scenario {
        Scenario::Demo => {
            fake.limit_anonymous(100_000).add_demo(Duration::from_secs(args.publish_after_seconds));
        }
        Scenario::Many => {
            Many { targets: args.targets, releases_per_target: args.releases_per_target }.fill(fake);
        }
        Scenario::Empty => {}
    }
    if let Some(limit) = args.limit_anonymous {
        fake.limit_anonymous(limit);
    }
    for token in &args.token {
        fake.accept_token(token);
    }
    fake.set_latency(args.latency);
}

/// Ends on Ctrl-C or SIGTERM.
async fn stopped() -> io::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}
