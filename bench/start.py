#!/usr/bin/env python3
"""From exec to the first 200 of `GET /api/version`, with saved state; GitHub up and down."""

import pathlib
import subprocess
import time

import rig
import stack


def warm(binaries: pathlib.Path, place: pathlib.Path, variables: dict[str, str]) -> None:
    """Leaves an answer in the state directory."""
    with rig.watcher(binaries, place, variables) as watcher:
        watcher.wait_until_known()


def start(binaries: pathlib.Path, variables: dict[str, str], log: pathlib.Path) -> float:
    """Milliseconds until the first 200."""
    address = f"127.0.0.1:{stack.free_port()}"
    command = [str(binaries / "sidewatch"), "serve", "--listen", address]
    with log.open("ab") as err:
        begun = time.monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=err, stderr=err, env=variables)
        try:
            rig.first_answer(address, "/api/version", begun + stack.START_SECONDS)
            took = time.monotonic() - begun
        finally:
            stack.stop(child)
    return took * 1000


def measure(binaries: pathlib.Path, place: pathlib.Path, runs: int, targets: int) -> None:
    many = ["--scenario", "many", "--targets", str(targets)]
    state = {"GITHUB_TOKEN": rig.TOKEN, "STATE_DIR": str(place / f"state-{targets}")}
    log = place / "starts.log"
    with rig.fake(binaries, place, *many, tls=True) as github:
        variables = rig.environment(github, place, targets, **state)
        warm(binaries, place, variables)
        up = [start(binaries, variables, log) for _ in range(runs)]
    # The same address, and nobody there any more.
    down = [start(binaries, variables, log) for _ in range(runs)]
    for what, times in [("up", up), ("down", down)]:
        rig.table_row([targets, what, rig.spread(times), rig.met(rig.median(times) < 10)])


def main() -> None:
    parser = rig.arguments(__doc__)
    parser.add_argument("--runs", type=int, default=31)
    options = parser.parse_args()
    binaries = rig.programs(options)
    print(f"\nexec to first 200, {options.runs} starts; ms, median (lowest to highest)\n")
    rig.table(["targets", "GitHub", "ms", "< 10"], [])
    with rig.folder() as place:
        for targets in (1, 10):
            measure(binaries, place, options.runs, targets)


if __name__ == "__main__":
    main()
