#!/usr/bin/env python3
"""Size of the binary, resident memory idle, under load and at 1 000 targets, and CPU while idle. Needs wrk."""

import pathlib
import subprocess
import time

import rig

MANY = ["--scenario", "many", "--latency", "50ms"]


def load(address: str, seconds: int) -> None:
    command = ["wrk", "--threads", "1", "--connections", "64", "--duration", f"{seconds}s"]
    command.append(f"http://{address}/api/version")
    subprocess.run(command, check=True, capture_output=True)


def ten(binaries: pathlib.Path, idle: int, loaded: int, watched: int) -> list[list[object]]:
    """Ten targets: idle, idle CPU, then under load."""
    with rig.folder() as place, rig.fake(binaries, place, *MANY, "--targets", "10", tls=True) as github:
        # The next scheduled round must not fall into the measurement.
        variables = rig.environment(github, place, 10, GITHUB_TOKEN=rig.TOKEN, SCHEDULE="0 0 0 1 1 *")
        with rig.watcher(binaries, place, variables) as watcher:
            watcher.wait_until_known()
            time.sleep(idle)
            quiet = rig.resident(watcher.pid)
            before = rig.cpu(watcher.pid)
            time.sleep(watched)
            busy = (rig.cpu(watcher.pid) - before) * 60 / watched
            load(watcher.address, loaded)
            after = rig.resident(watcher.pid)
    return [
        [f"resident, ten targets, {idle} s idle", f"{quiet:.2f} MiB", "< 8 MiB", rig.met(quiet < 8)],
        [f"CPU while idle, over {watched} s", f"{busy:.1f} ms a minute", "< 40 ms", rig.met(busy < 40)],
        [f"resident after {loaded} s of load", f"{after:.2f} MiB", "< 10 MiB", rig.met(after < 10)],
    ]


def thousand(binaries: pathlib.Path, idle: int) -> list[list[object]]:
    """1 000 targets: the peak of the first round, and what stays."""
    with rig.folder() as place, rig.fake(binaries, place, *MANY, "--targets", "1000", tls=True) as github:
        variables = rig.environment(github, place, 1000, GITHUB_TOKEN=rig.TOKEN, SCHEDULE="0 0 0 1 1 *")
        with rig.watcher(binaries, place, variables) as watcher:
            # Asking meanwhile would cost memory of its own.
            time.sleep(8)
            peak = rig.resident(watcher.pid, "VmHWM")
            watcher.wait_until_known()
            time.sleep(idle)
            rest = rig.resident(watcher.pid)
            again = rig.resident(watcher.pid, "VmHWM")
    return [
        ["peak, 1 000 targets, first round", f"{peak:.2f} MiB", "< 20 MiB", rig.met(peak < 20)],
        ["peak, after /api/targets was read", f"{again:.2f} MiB", "", ""],
        [f"resident, 1 000 targets, {idle} s idle", f"{rest:.2f} MiB", "", ""],
    ]


def main() -> None:
    parser = rig.arguments(__doc__)
    parser.add_argument("--idle", type=int, default=30, help="seconds before memory is read")
    parser.add_argument("--load", type=int, default=60, help="seconds of load")
    parser.add_argument("--watch", type=int, default=60, help="seconds over which idle CPU is counted")
    options = parser.parse_args()
    binaries = rig.programs(options)
    size = (binaries / "sidewatch").stat().st_size / (1 << 20)
    rows: list[list[object]] = [["release binary, stripped", f"{size:.2f} MiB", "< 8 MiB", rig.met(size < 8)]]
    rows += ten(binaries, options.idle, options.load, options.watch)
    rows += thousand(binaries, options.idle)
    print()
    rig.table(["", "measured", "goal", "met"], rows)


if __name__ == "__main__":
    main()
