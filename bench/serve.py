#!/usr/bin/env python3
"""`GET /api/version` from memory, against a bare actix-web handler; and latency at a constant rate.

Server on core 0 (one worker each), load on core 1. Needs wrk.
"""

import contextlib
import json
import pathlib
import re
import subprocess
from collections.abc import Iterator

import rig
import stack

SERVER, LOAD = 0, 1


def throughput(pid: int, address: str, seconds: int) -> tuple[float, float]:
    """Requests a second with 64 connections, and the server's CPU time for one of them in microseconds."""
    before = rig.cpu(pid)
    command = ["wrk", "--threads", "1", "--connections", "64", "--duration", f"{seconds}s"]
    command.append(f"http://{address}/api/version")
    told = subprocess.run(rig.pinned(command, LOAD), check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"wrk saw failures:\n{told}")
    requests = int(re.search(r"(\d+) requests in", told)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), (rig.cpu(pid) - before) * 1000 / requests


def latency(binaries: pathlib.Path, address: str, seconds: int) -> dict:
    """Percentiles in microseconds at 5 000 requests a second."""
    command = [str(binaries / "steady"), "--address", address, "--seconds", str(seconds)]
    told = subprocess.run([*realtime(), *rig.pinned(command, LOAD)], check=True, capture_output=True).stdout
    return json.loads(told)


def realtime() -> list[str]:
    """Wakes the load's threads at once, where that is allowed: what they wait for a core is not the server's."""
    command = ["chrt", "--fifo", "10"]
    allowed = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if allowed else []


@contextlib.contextmanager
def bare(binaries: pathlib.Path, place: pathlib.Path, body: bytes) -> Iterator[tuple[int, str]]:
    address = f"127.0.0.1:{stack.free_port()}"
    (place / "body.json").write_bytes(body)
    command = [str(binaries / "bare"), "--listen", address, "--body", str(place / "body.json")]
    with stack.process(rig.pinned(command, SERVER), place / "bare") as child:
        stack.wait_for("the bare server", lambda: stack.get(f"http://{address}/api/version"), 10)
        yield child.pid, address


def compare(binaries: pathlib.Path, runs: int, seconds: int) -> None:
    """Alternating runs, so that a machine whose speed drifts is fair to both."""
    ours, limit = [], []
    with rig.folder() as place, rig.fake(binaries, place, "--scenario", "many", "--targets", "1") as github:
        variables = rig.environment(github, place, 1, GITHUB_TOKEN=rig.TOKEN)
        with rig.watcher(binaries, place, variables, SERVER) as watcher:
            watcher.wait_until_known()
            body = stack.get(f"{watcher.url}/api/version")[1]
            with bare(binaries, place, body) as other:
                for _ in range(runs + 1):
                    limit.append(throughput(*other, seconds))
                    ours.append(throughput(watcher.pid, watcher.address, seconds))
    # The first pair warms up.
    ours, limit = ours[1:], limit[1:]
    print(f"\n{len(body)} bytes of JSON, {runs} pairs of {seconds} s, 64 connections; median (lowest to highest)\n")
    rig.table(
        ["", "bare actix-web", "sidewatch", "ratio, pair by pair", "goal", "met"],
        [
            row("requests/s", 0, [one[0] for one in limit], [one[0] for one in ours], 0.95),
            row("CPU time a request, µs", 2, [one[1] for one in limit], [one[1] for one in ours], None),
        ],
    )


def row(what: str, digits: int, limit: list[float], ours: list[float], goal: float | None) -> list[object]:
    ratios = [one / other for one, other in zip(ours, limit, strict=True)]
    wanted = [f">= {goal}", rig.met(rig.median(ratios) >= goal)] if goal else ["", ""]
    return [what, rig.spread(limit, digits), rig.spread(ours, digits), rig.spread(ratios), *wanted]


def steady(binaries: pathlib.Path, runs: int, seconds: int) -> None:
    """At rest, and while 1 000 targets are refreshed again and again."""
    rows = [latency_row("bare actix-web, at rest", [control(binaries, seconds) for _ in range(runs)])]
    for what, targets, schedule in [("at rest", 1, None), ("1 000 targets refreshed", 1000, "*/2 * * * * *")]:
        percentiles = [measure(binaries, targets, schedule, seconds) for _ in range(runs)]
        rows.append(latency_row(what, percentiles))
    print(f"\n5 000 requests/s on 64 connections for {seconds} s, {runs} runs; µs, median (lowest to highest)\n")
    rig.table(["", "targets refreshed meanwhile", "p50", "p99", "p99.9", "slowest", "p99 < 500"], rows)


def latency_row(what: str, found: list[dict]) -> list[object]:
    columns = [rig.spread([one[key] for one in found], 0) for key in ("refreshed", "p50", "p99", "p999", "max")]
    return [what, *columns, rig.met(rig.median([one["p99"] for one in found]) < 500)]


def control(binaries: pathlib.Path, seconds: int) -> dict:
    """What the machine allows at this hour: where bare misses the goal, the figures say nothing of sidewatch."""
    with rig.folder() as place, bare(binaries, place, b"x" * 1800) as (_, address):
        return latency(binaries, address, seconds) | {"refreshed": 0}


def measure(binaries: pathlib.Path, targets: int, schedule: str | None, seconds: int) -> dict:
    many = ["--scenario", "many", "--targets", str(targets)]
    with rig.folder() as place, rig.fake(binaries, place, *many, tls=True, core=LOAD) as github:
        settings = {"GITHUB_TOKEN": rig.TOKEN} | ({"SCHEDULE": schedule} if schedule else {})
        variables = rig.environment(github, place, targets, **settings)
        with rig.watcher(binaries, place, variables, SERVER) as watcher:
            watcher.wait_until_known(60)
            before = watcher.metric("sidewatch_checks_total")
            percentiles = latency(binaries, watcher.address, seconds)
            return percentiles | {"refreshed": watcher.metric("sidewatch_checks_total") - before}


def main() -> None:
    parser = rig.arguments(__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", choices=["throughput", "latency"])
    options = parser.parse_args()
    binaries = rig.programs(options)
    if options.only != "latency":
        compare(binaries, options.runs, options.seconds)
    if options.only != "throughput":
        steady(binaries, options.runs, options.seconds)


if __name__ == "__main__":
    main()
