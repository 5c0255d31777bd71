#!/usr/bin/env python3
"""Remote Agent's server: events a second with PostgreSQL and Redis, and with SQLite; what COPY of the same rows takes;
the version proxy's own latency; health requests; start and memory. Needs wrk, PostgreSQL, Redis."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator

import rig

sys.path.insert(0, str(rig.ROOT / "e2e" / "app"))
from servers import API_KEY, Postgres, Redis  # noqa: E402

stack = rig.stack
BATCH = 100
CLIENTS = 4
KINDS = ["session.prompt", "session.tool_use", "session.usage", "git.commit", "note"]
MEDIAN = re.compile(r"50%\s+([\d.]+)(us|ms)")


class Agent:
    """A running server."""

    def __init__(self, pid: int, port: int, started: float):
        self.pid, self.port, self.started = pid, port, started
        self.address = f"127.0.0.1:{port}"

    def health(self) -> dict:
        return json.loads(stack.get(f"http://{self.address}/api/health")[1])


@contextlib.contextmanager
def agent(binaries: pathlib.Path, place: pathlib.Path, **variables: str) -> Iterator[Agent]:
    """A server that has answered 200 to `/api/health`."""
    port = stack.free_port()
    own = {"API_KEY": API_KEY, "HOST": "127.0.0.1", "PORT": str(port), "METRICS_LISTEN": "off", "LOG": "warn"}
    environment = dict(os.environ) | own | {"DATA_DIR": str(place / "data")} | variables
    begun = time.monotonic()
    with stack.process([str(binaries / "remote-agent-server"), "serve"], place / "agent", environment) as child:
        rig.first_answer(f"127.0.0.1:{port}", "/api/health", begun + stack.START_SECONDS)
        yield Agent(child.pid, port, time.monotonic() - begun)


def batches(count: int) -> list[bytes]:
    """Batches as a busy client sends them, about 350 bytes an event."""
    made = []
    for number in range(count):
        events = [
            {
                "id": str(uuid.uuid4()),
                "type": KINDS[place % len(KINDS)],
                "timestamp": "2026-01-30T14:30:00.123Z",
                "sessionId": f"session-{number % 50}",
                "workspace": f"workspace-{number % 5}",
                "device": "laptop",
                "data": {"tool": "Edit", "inputTokens": 1200, "outputTokens": 340, "text": "x" * 120},
            }
            for place in range(BATCH)
        ]
        made.append(json.dumps({"events": events}).encode())
    return made


def send_all(port: int, bodies: list[bytes]) -> None:
    """Sends every batch over a few connections; each must be accepted whole."""
    queue, failures = list(bodies), []

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while queue and not failures:
            try:
                body = queue.pop()
            except IndexError:
                return
            connection.request("POST", "/api/events", body, {"Authorization": f"Bearer {API_KEY}"})
            answer = connection.getresponse()
            receipt = answer.read()
            if answer.status != 202 or json.loads(receipt)["accepted"] != BATCH:
                failures.append((answer.status, receipt[:200]))

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"a batch was not accepted: {failures[0]}")


def ingest(binaries: pathlib.Path, count: int) -> list[list[object]]:
    """Events accepted and stored a second, on PostgreSQL with Redis."""
    with rig.folder() as place:
        postgres, redis = Postgres(place), Redis("redis", place)
        try:
            redis.start()
            postgres.start()
            variables = {"DATABASE_URL": postgres.url(), "REDIS_URL": redis.url()}
            with agent(binaries, place, **variables) as server:
                bodies = batches(count // BATCH)
                begun = time.monotonic()
                send_all(server.port, bodies)
                accepted = time.monotonic() - begun
                stored = lambda: int(postgres.query("select count(*) from events")) == count  # noqa: E731
                stack.wait_for("all events to be stored", stored, 300)
                whole = time.monotonic() - begun
            copy = copy_same(postgres)
        finally:
            postgres.stop()
            redis.stop()
    return [
        [f"accepted, batches of {BATCH}", f"{count / accepted:.0f}/s", "≥ 10 000/s", rig.met(count / accepted >= 10_000)],
        ["stored, from the first batch to the last row", f"{count / whole:.0f}/s", "≥ 8 000/s", rig.met(count / whole >= 8_000)],
        ["COPY of the same rows, same indices", f"{count / copy:.0f}/s", "the limit", ""],
        ["stored, of COPY", f"{copy / whole:.2f}", "", ""],
    ]


def copy_same(postgres: Postgres) -> float:
    """Seconds that COPY takes for the rows that are there, into a table like theirs."""
    file = postgres.folder / "rows"
    postgres.query(f"copy events to '{file}'")
    postgres.query("create table copied (like events including all)")
    begun = time.monotonic()
    postgres.query(f"copy copied from '{file}'")
    return time.monotonic() - begun


def embedded(binaries: pathlib.Path, count: int) -> list[list[object]]:
    """Events a second straight into SQLite: accepted is stored."""
    with rig.folder() as place, agent(binaries, place) as server:
        bodies = batches(count // BATCH)
        begun = time.monotonic()
        send_all(server.port, bodies)
        took = time.monotonic() - begun
    return [["embedded SQLite, accepted and stored", f"{count / took:.0f}/s", "≥ 8 000/s", rig.met(count / took >= 8_000)]]


def wrk(address: str, path: str, connections: int, seconds: int, key: bool = False) -> str:
    command = ["wrk", "--latency", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    command += ["--header", f"Authorization: Bearer {API_KEY}"] if key else []
    done = subprocess.run([*command, f"http://{address}{path}"], check=True, capture_output=True, text=True)
    if "Non-2xx" in done.stdout:
        raise SystemExit(f"{path}: not all answers were 2xx\n{done.stdout}")
    return done.stdout


def p50(text: str) -> float:
    """Milliseconds."""
    found = MEDIAN.search(text)
    value, unit = (float(found[1]), found[2]) if found else (0.0, "ms")
    return value / 1000 if unit == "us" else value


def rate(text: str) -> float:
    return float(text.split("Requests/sec:")[1].split()[0])


def proxy(binaries: pathlib.Path, seconds: int) -> list[list[object]]:
    """What the way through the app adds to an answer of the watcher."""
    with rig.folder() as place, rig.fake(binaries, place, "--scenario", "demo") as github:
        variables = rig.environment(github, place, 1)
        variables |= {"SIDEWATCH_REPO": "yourorg/remote-agent", "SIDEWATCH_CURRENT": "1.2.0"}
        del variables["SIDEWATCH_CONFIG"]
        with rig.watcher(binaries, place, variables) as watcher:
            with agent(binaries, place, WATCHER_URL=watcher.url) as server:
                added = []
                for _ in range(5):
                    direct = p50(wrk(watcher.address, "/api/version", 1, seconds))
                    through = p50(wrk(server.address, "/api/version", 1, seconds, key=True))
                    added.append(through - direct)
    return [["/api/version: added by the app, p50", f"{rig.spread(added, 3)} ms", "< 0.3 ms", rig.met(rig.median(added) < 0.3)]]


def health(binaries: pathlib.Path, seconds: int) -> list[list[object]]:
    """Health requests against a handler that returns the same bytes, in turns."""
    with rig.folder() as place, agent(binaries, place) as server:
        body = place / "body.json"
        body.write_text(json.dumps(server.health()))
        bare_address = f"127.0.0.1:{stack.free_port()}"
        command = [str(binaries / "bare"), "--listen", bare_address, "--body", str(body)]
        with stack.process(command, place / "bare"):
            rig.first_answer(bare_address, "/api/version", time.monotonic() + 10)
            ratios = []
            for _ in range(5):
                bare = rate(wrk(bare_address, "/api/version", 64, seconds))
                ours = rate(wrk(server.address, "/api/health", 64, seconds))
                ratios.append(ours / bare)
    return [["/api/health, of a bare handler's requests/s", rig.spread(ratios), "≥ 0.8", rig.met(rig.median(ratios) >= 0.8)]]


def footprint(binaries: pathlib.Path, idle: int) -> list[list[object]]:
    """Start with a migrated database, and memory while idle."""
    rows: list[list[object]] = []
    with rig.folder() as place:
        with agent(binaries, place):
            pass
        starts = []
        for _ in range(5):
            with agent(binaries, place) as server:
                starts.append(server.started * 1000)
        with agent(binaries, place) as server:
            time.sleep(idle)
            quiet = rig.resident(server.pid)
        rows.append(["start to first healthy answer, SQLite", f"{rig.spread(starts, 0)} ms", "< 200 ms", rig.met(rig.median(starts) < 200)])
        rows.append([f"resident, SQLite, {idle} s idle", f"{quiet:.1f} MiB", "< 20 MiB", rig.met(quiet < 20)])
    with rig.folder() as place:
        postgres, redis = Postgres(place), Redis("redis", place)
        try:
            redis.start()
            postgres.start()
            variables = {"DATABASE_URL": postgres.url(), "REDIS_URL": redis.url()}
            with agent(binaries, place, **variables):
                pass
            starts = []
            for _ in range(5):
                with agent(binaries, place, **variables) as server:
                    starts.append(server.started * 1000)
            with agent(binaries, place, **variables) as server:
                time.sleep(idle)
                quiet = rig.resident(server.pid)
        finally:
            postgres.stop()
            redis.stop()
    rows.append(["start to first healthy answer, PostgreSQL", f"{rig.spread(starts, 0)} ms", "< 200 ms", rig.met(rig.median(starts) < 200)])
    rows.append([f"resident, PostgreSQL and Redis, {idle} s idle", f"{quiet:.1f} MiB", "< 20 MiB", rig.met(quiet < 20)])
    size = (binaries / "remote-agent-server").stat().st_size / (1 << 20)
    rows.append(["release binary, stripped", f"{size:.1f} MiB", "", ""])
    return rows


def main() -> None:
    parser = rig.arguments(__doc__)
    parts = {"ingest": ingest, "embedded": embedded, "proxy": proxy, "health": health, "footprint": footprint}
    parser.add_argument("--only", choices=list(parts), action="append", help="leave out the others")
    parser.add_argument("--events", type=int, default=200_000, help="events to send")
    parser.add_argument("--seconds", type=int, default=5, help="of each run of wrk, and idle")
    options = parser.parse_args()
    binaries = rig.programs(options)
    rows: list[list[object]] = []
    for name in options.only or parts:
        amount = options.events if name in ("ingest", "embedded") else options.seconds
        rows += parts[name](binaries, amount)
    print()
    rig.table(["", "measured", "goal", "met"], rows)


if __name__ == "__main__":
    main()
