#!/usr/bin/env python3
"""A cold herd: 500 readers at once while upstream fails, each in its way; counts rounds and answers."""

import asyncio
import json
import pathlib
import time

import rig

READERS = 500
# The longest that a reader waits, and some patience.
PATIENCE = 20
FAULTS = {
    "500": "kind=status&status=500",
    "403": "kind=status&status=403",
    "403 limit": "kind=limit",
    "429": "kind=limit_429",
    "hangs": "kind=hang",
}
# The shortest back-off is 60 s: what comes after the herd must find an answer and ask nobody.
AFTERWARDS = 3


async def herd(address: str) -> tuple[list[int], list[str], float]:
    begun = time.monotonic()
    answers = await asyncio.gather(*(rig.ask(address, "/api/version", PATIENCE) for _ in range(READERS)))
    states = {json.loads(body)["status"] for _, body in answers}
    return [status for status, _ in answers], sorted(states), time.monotonic() - begun


def measure(binaries: pathlib.Path, name: str, fault: str) -> list[object]:
    with rig.folder() as place, rig.fake(binaries, place, "--scenario", "many", "--targets", "1") as github:
        github.admin(f"fault?door=api&{fault}")
        github.admin(f"fault?door=web&{fault}")
        github.admin("reset")
        variables = rig.environment(github, place, 1)
        with rig.watcher(binaries, place, variables) as watcher:
            statuses, states, took = asyncio.run(herd(watcher.address))
            time.sleep(AFTERWARDS if fault != FAULTS["hangs"] else 30)
            again, _, _ = asyncio.run(herd(watcher.address))
            calls = github.calls()
    rounds, web = calls["api"]["calls"], calls["web"]["calls"]
    good = statuses.count(200) + again.count(200)
    holds = rounds == 1 and web <= 3 and good == 2 * READERS
    return [name, rounds, web, f"{good} of {2 * READERS}", ", ".join(states), f"{took:.2f}", rig.met(holds)]


def main() -> None:
    options = rig.arguments(__doc__).parse_args()
    binaries = rig.programs(options)
    rows = [measure(binaries, name, fault) for name, fault in FAULTS.items()]
    print(f"\n{READERS} readers at once on a cold start, and {READERS} more after the first round\n")
    rig.table(
        ["upstream", "REST rounds", "other doors asked", "answered 200", "status", "herd took, s", "one round, all 200"],
        rows,
    )


if __name__ == "__main__":
    main()
