//! Load at a constant rate, and the latencies under it.
//!
//! Each connection has a thread and a timetable. A request whose turn comes while the one before it is still
//! unanswered counts from its turn, not from when it could be sent: a server that stalls is not spared the
//! requests that it kept from being sent. The thread's own oversleeping counts for nobody.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::json;

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends requests at a constant rate and prints the latencies as JSON, in microseconds.
#[derive(Debug, Parser)]
struct Args {
    /// The server.
    #[arg(long)]
    address: SocketAddr,
    /// What is asked for.
    #[arg(long, default_value = "/api/version")]
    path: String,
    /// Requests a second, all connections together.
    #[arg(long, default_value_t = 5000)]
    rate: u32,
    /// Connections.
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// How long.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = load(&args).and_then(|latencies| writeln!(io::stdout(), "{}", report(latencies)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if this fails too.
            let _ = writeln!(io::stderr(), "steady: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The latencies of all requests.
fn load(args: &Args) -> io::Result<Vec<Duration>> {
    let period = Duration::from_secs(1) * args.connections / args.rate;
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", args.path, args.address);
    let start = Instant::now() + Duration::from_millis(200);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..args.connections)
            .map(|place| {
                let first = start + period * place / args.connections;
                let last = first + Duration::from_secs(args.seconds.into());
                let (address, request) = (args.address, request.as_bytes());
                scope.spawn(move || Connection::open(address)?.run(request, first, last, period))
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| io::Error::other("a thread panicked"))??);
        }
        Ok(all)
    })
}

/// One connection to the server.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; 64 << 10] })
    }

    /// Asks at every turn from `first` until `last`.
    fn run(
        mut self,
        request: &[u8],
        first: Instant,
        last: Instant,
        period: Duration,
    ) -> io::Result<Vec<Duration>> {
        let mut latencies = Vec::new();
        let mut turn = first;
        while turn < last {
            let late = Instant::now() > turn;
            thread::sleep(turn.saturating_duration_since(Instant::now()));
            let begun = if late { turn } else { Instant::now() };
            self.stream.write_all(request)?;
            self.read_answer()?;
            latencies.push(begun.elapsed());
            turn += period;
        }
        Ok(latencies)
    }

    /// Reads one answer to its end; anything but a 200 is an error.
    fn read_answer(&mut self) -> io::Result<()> {
        let mut filled = 0;
        let mut whole = None;
        while whole.is_none_or(|whole| filled < whole) {
            let read = self.stream.read(&mut self.buffer[filled..])?;
            if read == 0 {
                return Err(io::Error::other("the server closed, or its answer is too large"));
            }
            filled += read;
            whole = whole.or_else(|| whole_length(&self.buffer[..filled]));
        }
        if self.buffer.starts_with(b"HTTP/1.1 200 ") { Ok(()) } else { Err(io::Error::other("not a 200")) }
    }
}

/// Bytes of head and body together, once the head is there.
fn whole_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let lengths = text.lines().filter_map(|line| line.split_once(": "));
    let mut length = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body: usize = length.next()?.1.parse().ok()?;
    Some(head + body)
}

fn report(mut latencies: Vec<Duration>) -> serde_json::Value {
    latencies.sort_unstable();
    let at = |per_mille: usize| {
        let place = (latencies.len() * per_mille / 1000).min(latencies.len().saturating_sub(1));
        latencies.get(place).map(Duration::as_micros).and_then(|micros| u64::try_from(micros).ok())
    };
    json!({
        "requests": latencies.len(),
        "p50": at(500), "p90": at(900), "p99": at(990), "p999": at(999), "max": at(1000),
    })
}
