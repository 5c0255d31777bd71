#!/usr/bin/env python3
"""A real Prometheus scrapes both servers, and promtool finds nothing to complain about."""

import argparse
import json
import pathlib
import subprocess
import tempfile
import urllib.parse

import programs
import stack

# In every answer of a watcher whose first check succeeded and whose running version is known.
WATCHER = [
    "sidewatch_build_info",
    "sidewatch_version_info",
    "sidewatch_update_available",
    "sidewatch_behind_releases",
    "sidewatch_last_attempt_timestamp_seconds",
    "sidewatch_last_success_timestamp_seconds",
    "sidewatch_checks_total",
    "sidewatch_upstream_requests_total",
    "sidewatch_ratelimit_remaining",
    "sidewatch_http_requests_total",
    "sidewatch_http_request_duration_seconds_bucket",
    "process_resident_memory_bytes",
]
# In every answer of Remote Agent's server that took events and a transcript.
APP = [
    "remote_agent_build_info",
    "remote_agent_schema_version",
    "remote_agent_migrations_applied_total",
    "remote_agent_events_accepted_total",
    "remote_agent_events_duplicate_total",
    "remote_agent_queue_depth",
    "remote_agent_queue_lag_seconds",
    "remote_agent_dead_letters",
    "remote_agent_transcripts_total",
    "remote_agent_http_requests_total",
    "remote_agent_http_request_duration_seconds_bucket",
    "process_resident_memory_bytes",
]

CONFIGURATION = """\
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: watcher
    static_configs:
      - targets: ["{watcher}"]
  - job_name: app
    static_configs:
      - targets: ["{app}"]
"""


def check_with_promtool(metrics: bytes) -> None:
    result = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True)
    complaints = (result.stdout + result.stderr).decode().strip()
    if result.returncode != 0 or complaints:
        raise SystemExit(f"promtool check metrics: exit code {result.returncode}\n{complaints}")


def query(prometheus: str, expression: str) -> list[dict]:
    parameters = urllib.parse.urlencode({"query": expression})
    status, body = stack.get(f"{prometheus}/api/v1/query?{parameters}")
    return json.loads(body)["data"]["result"] if status == 200 else []


def target(program: programs.Program) -> str:
    return urllib.parse.urlsplit(program.metrics).netloc


def value(prometheus: str, expression: str) -> str:
    [found] = query(prometheus, expression)
    return found["value"][1]


def check_scrape(watcher: programs.Program, app: programs.Program) -> None:
    with tempfile.TemporaryDirectory(prefix="prometheus-e2e-") as folder:
        place = pathlib.Path(folder)
        configuration = CONFIGURATION.format(watcher=target(watcher), app=target(app))
        (place / "prometheus.yml").write_text(configuration)
        prometheus = f"http://127.0.0.1:{stack.free_port()}"
        command = [
            "prometheus",
            f"--config.file={place}/prometheus.yml",
            f"--storage.tsdb.path={place}/data",
            f"--web.listen-address={prometheus.removeprefix('http://')}",
        ]
        with stack.process(command, place / "prometheus"):
            for job, expected in (("watcher", WATCHER), ("app", APP)):
                up = f'up{{job="{job}"}} == 1'
                stack.wait_for(f"Prometheus to see the {job} up", lambda up=up: query(prometheus, up), 30)
                missing = [name for name in expected if not query(prometheus, f'{name}{{job="{job}"}}')]
                if missing:
                    raise SystemExit(f"not in what Prometheus scraped from the {job}: {', '.join(missing)}")
            if value(prometheus, "sidewatch_update_available") != "1":
                raise SystemExit("the demo has an update; Prometheus was told of none")
            if value(prometheus, "remote_agent_events_accepted_total") != "7":
                raise SystemExit("the seeds are seven events; Prometheus was told of another number")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the built programs")
    stack.stop_on_signals()
    binaries = parser.parse_args().bin
    with programs.watcher(binaries) as watcher, programs.app(binaries) as app:
        # The first answers make the request metrics appear.
        stack.get(f"{watcher.address}/api/version")
        for program in (watcher, app):
            check_with_promtool(stack.get(program.metrics)[1])
        check_scrape(watcher, app)
    print(f"Prometheus scraped both servers: {len(WATCHER)} and {len(APP)} metrics found, promtool content")


if __name__ == "__main__":
    main()
