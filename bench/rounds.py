#!/usr/bin/env python3
"""First and second round of checks over TLS, with 50 ms latency and at most 64 connections."""

import pathlib
import time

import rig
import stack

GOALS = {10: 0.12, 100: 0.2, 1000: 1.0}
PATIENCE = 60
# The first rounds must not meet a scheduled one.
NEVER = "0 0 0 1 1 *"


def seconds_until(watcher: rig.Watcher, missing: bytes) -> float:
    """Seconds from exec until the answers of all targets no longer say that; not parsed, to disturb little."""
    while missing in stack.get(f"{watcher.url}/api/targets")[1]:
        if time.monotonic() > watcher.started + PATIENCE:
            raise SystemExit(f"waited {PATIENCE} s in vain for {missing!r} to go away")
        time.sleep(0.005)
    return time.monotonic() - watcher.started


def first(binaries: pathlib.Path, targets: int) -> tuple[float, float, int]:
    """Seconds until each has a latest version, until advisories are known too, and connections at the peak."""
    options = ["--scenario", "many", "--targets", str(targets), "--latency", "50ms"]
    with rig.folder() as place, rig.fake(binaries, place, *options, tls=True) as github:
        variables = rig.environment(github, place, targets, GITHUB_TOKEN=rig.TOKEN, SCHEDULE=NEVER)
        with rig.watcher(binaries, place, variables) as watcher:
            # To read 1 000 answers again and again would slow down what is measured: not before the last
            # request for a list can have come, which the fake knows.
            github.wait_for_calls(targets, PATIENCE)
            latest = seconds_until(watcher, b'"latest":null')
            github.wait_for_calls(2 * targets, PATIENCE)
            advisories = seconds_until(watcher, b'"affected":null')
            # One of them is the benchmark's own.
            return latest, advisories, github.calls()["api"]["peak_connections"] - 1


def first_rounds(binaries: pathlib.Path, runs: int) -> None:
    rows = []
    for targets, goal in GOALS.items():
        found = [first(binaries, targets) for _ in range(runs)]
        latest, advisories, connections = zip(*found, strict=True)
        holds = rig.met(rig.median(latest) < goal)
        rows.append([targets, rig.spread(latest, 3), rig.spread(advisories, 3), max(connections), goal, holds])
    print(f"\nfirst round, from exec, {runs} runs; s, median (lowest to highest)\n")
    rig.table(["targets", "latest known", "advisories known", "connections", "goal", "met"], rows)


def second(binaries: pathlib.Path) -> tuple[float, dict[str, float]]:
    """CPU milliseconds of a second round of 1 000, and what it was made of."""
    options = ["--scenario", "many", "--targets", "1000", "--latency", "50ms"]
    with rig.folder() as place, rig.fake(binaries, place, *options, tls=True) as github:
        variables = rig.environment(
            github, place, 1000, GITHUB_TOKEN=rig.TOKEN, SCHEDULE="*/30 * * * * *", CACHE_TTL="4h"
        )
        # The first round must be over before the next half minute begins.
        time.sleep((35 - time.time() % 30) % 30)
        with rig.watcher(binaries, place, variables) as watcher:
            watcher.wait_until_known()
            remaining = github.remaining()
            unchanged = 'sidewatch_upstream_requests_total{host="api",outcome="unchanged"}'
            ready = watcher.metric(unchanged)
            github.admin("reset")
            before = rig.cpu(watcher.pid)
            github.wait_for_calls(2000, 50)
            time.sleep(0.5)
            spent = rig.cpu(watcher.pid) - before
            facts = {
                "requests": github.calls()["api"]["calls"],
                "unchanged": watcher.metric(unchanged) - ready,
                "quota": remaining - github.remaining(),
            }
            return spent, facts


def second_rounds(binaries: pathlib.Path, runs: int) -> None:
    found = [second(binaries) for _ in range(runs)]
    spent = [cpu for cpu, _ in found]
    told = {name: [facts[name] for _, facts in found] for name in found[0][1]}
    quiet = max(told["quota"]) == 0 and told["unchanged"] == told["requests"]
    print(f"\nsecond round of 1 000 targets with a token, {runs} runs\n")
    rig.table(
        ["", "measured", "goal", "met"],
        [
            ["answered 304, of so many requests", f"{told['unchanged']} of {told['requests']}", "all", rig.met(quiet)],
            ["quota spent", rig.spread(told["quota"], 0), "0", rig.met(max(told["quota"]) == 0)],
            ["CPU, ms", rig.spread(spent, 0), "< 200", rig.met(rig.median(spent) < 200)],
        ],
    )


def main() -> None:
    parser = rig.arguments(__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=["first", "second"])
    options = parser.parse_args()
    binaries = rig.programs(options)
    if options.only != "second":
        first_rounds(binaries, options.runs)
    if options.only != "first":
        second_rounds(binaries, max(1, options.runs // 2))


if __name__ == "__main__":
    main()
