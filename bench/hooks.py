#!/usr/bin/env python3
"""What the hooks cost: a commit with and without them, and a call of Claude Code's, the server away and the spool filled."""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

import rig

KEY = "bench-key-of-no-value-0123456789"
# Nobody listens there.
AWAY = "http://127.0.0.1:9"
FIXTURES = rig.ROOT / "cli/tests/fixtures/claude-code"


def build() -> pathlib.Path:
    """The folder with the release program."""
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "cli"], check=True, cwd=rig.ROOT)
    told = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"],
        check=True, cwd=rig.ROOT, capture_output=True, text=True,
    )
    return pathlib.Path(json.loads(told.stdout)["target_directory"]) / "release"


class Taken:
    """Milliseconds of runs, by the clock and of CPU. The second means something on a busy machine too."""

    def __init__(self, clock: list[float], cpu: list[float]) -> None:
        self.clock = clock
        self.cpu = cpu

    def __add__(self, more: "Taken") -> "Taken":
        return Taken(self.clock + more.clock, self.cpu + more.cpu)


class Home:
    """A user with a repository, a program, and settings of their own."""

    def __init__(self, place: pathlib.Path, name: str, program: pathlib.Path, **variables: str) -> None:
        self.path = place / name
        self.path.mkdir()
        self.program = program
        search = os.environ["PATH"]
        self.variables = {"HOME": str(self.path), "PATH": search, "GIT_CONFIG_NOSYSTEM": "1"} | variables
        (self.path / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
        self.repository = self.path / "garden"
        self.run("git", "init", "--quiet", "--template=", str(self.repository), at=self.path)
        for number in range(200):
            (self.repository / f"file-{number}").write_text("one\ntwo\n" * 20)
        self.run("git", "add", ".")
        self.run("git", "commit", "--quiet", "--message", "begin")
        self.run("git", "remote", "add", "origin", "https://example.org/garden.git")

    def run(self, *command: str, at: pathlib.Path | None = None) -> None:
        subprocess.run(command, check=True, cwd=at or self.repository, env=self.variables, stdout=subprocess.DEVNULL)

    def install(self, *arguments: str) -> "Home":
        self.run(str(self.program), "hook", "git", "install", *arguments)
        return self

    def time(self, command: str, runs: int, prepare: str = "true") -> "Taken":
        """What each run takes, by hyperfine."""
        with tempfile.NamedTemporaryFile(suffix=".json") as told:
            hyperfine = ["hyperfine", "--shell=none", f"--runs={runs}", "--warmup=2", "--style=none"]
            # Preparing needs a shell, what is measured must not have one.
            wrapped = shlex.join(["sh", "-c", prepare])
            hyperfine += [f"--prepare={wrapped}", f"--export-json={told.name}", command]
            done = subprocess.run(
                hyperfine, cwd=self.repository, env=self.variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            )
            if done.returncode != 0:
                sys.exit(done.stderr)
            result = json.load(told)["results"][0]
            milliseconds = [second * 1000 for second in result["times"]]
            return Taken(milliseconds, [(result["user"] + result["system"]) * 1000] * runs)

    def commit(self, runs: int) -> "Taken":
        return self.time("git commit --quiet --message more", runs, "date +%N >>file-7; git add file-7")


def commits(place: pathlib.Path, program: pathlib.Path, rounds: int, runs: int) -> None:
    """A commit: alone, with a hook that does nothing, and with ours. Rounds alternate, so that noise meets all."""
    empty = Home(place, "empty", program)
    hook = empty.repository / ".git/hooks/post-commit"
    hook.parent.mkdir(parents=True, exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    away = {"REMOTE_AGENT_URL": AWAY, "REMOTE_AGENT_API_KEY": KEY}
    memory = place.joinpath("memory")
    memory.symlink_to(tempfile.mkdtemp(dir="/dev/shm"))
    homes = {
        "no hooks": Home(place, "none", program),
        "an empty hook": empty,
        "ours": Home(place, "ours", program).install(),
        "ours, the server away": Home(place, "away", program, **away).install(),
        "ours, the spool in memory": Home(place, "memory-home", program, XDG_STATE_HOME=str(memory.resolve())).install(),
        "ours, for all repositories": Home(place, "global", program).install("--global"),
    }
    times = {name: Taken([], []) for name in homes}
    for _ in range(rounds):
        for name, home in homes.items():
            times[name] += home.commit(runs)
    shutil.rmtree(memory.resolve())
    base = times["no hooks"]
    rig.table(["git commit", "ms", "added to the median", "< 15", "CPU ms", "added"], [])
    for name, taken in times.items():
        added = statistics.median(taken.clock) - statistics.median(base.clock)
        cpu = statistics.median(taken.cpu)
        more = cpu - statistics.median(base.cpu)
        met = rig.met(added < 15)
        rig.table_row([name, rig.spread(taken.clock), f"{added:.2f}", met, f"{cpu:.2f}", f"{more:.2f}"])


def calls(place: pathlib.Path, program: pathlib.Path, runs: int) -> None:
    """One call of the agent's hook: each kind, with an empty spool and a full one."""
    away = {"REMOTE_AGENT_URL": AWAY, "REMOTE_AGENT_API_KEY": KEY}
    home = Home(place, "agent", program, **away)
    for fixture in sorted(FIXTURES.glob("*.json")):
        text = fixture.read_text().replace("/home/ada", str(home.path))
        (home.path / fixture.name).write_text(text)
    transcript = home.path / ".claude/projects/-home-ada-garden/00893aaf-19fa-41d2-8238-13269b9b3ca0.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(b"{}\n" * (20 << 20))
    large = json.loads((home.path / "post-tool-use-write.json").read_text())
    large["tool_response"]["content"] = "x" * (7 << 20)
    (home.path / "post-tool-use-of-7-MiB.json").write_text(json.dumps(large))
    names = ["session-start", "user-prompt-submit", "post-tool-use-bash", "post-tool-use-of-7-MiB", "session-end", "stop"]
    rig.table(["hook claude-code run", "spool", "ms", "< 50", "CPU ms"], [])
    for spool in ("new", "30 MiB"):
        if spool != "new":
            fill(home)
        for name in names:
            command = f"sh -c '{program} hook claude-code run <{home.path}/{name}.json'"
            taken = home.time(command, runs)
            met = rig.met(statistics.median(taken.clock) < 50)
            rig.table_row([name, spool, rig.spread(taken.clock), met, f"{statistics.median(taken.cpu):.2f}"])


def fill(home: Home) -> None:
    """Prompts as large as they get, until 30 MiB wait."""
    payload = json.dumps({"hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt": "x" * (64 << 10)})
    for _ in range(480):
        subprocess.run(
            [str(home.program), "hook", "claude-code", "run"],
            input=payload.encode(), check=True, env=home.variables,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, help="folder with the program (default: build it)")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--runs", type=int, default=10, help="of each kind in a round")
    options = parser.parse_args()
    if not shutil.which("hyperfine"):
        sys.exit("hyperfine is not there; install it (Debian: apt-get install hyperfine)")
    program = (options.bin.resolve() if options.bin else build()) / "remote-agent"
    with rig.folder() as place:
        print(f"\ngit commit, {options.rounds * options.runs} of each; ms, median (lowest to highest)\n")
        commits(place, program, options.rounds, options.runs)
        print(f"\nClaude Code's hook, {options.runs * 5} calls of each; ms, median (lowest to highest)\n")
        calls(place, program, options.runs * 5)


if __name__ == "__main__":
    main()
