"""Real servers for the crash test: started, killed by SIGKILL and started again on the same port and data."""

import contextlib
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time

from stack import free_port, get

API_KEY = "crash-test-key-of-no-value-0123456789"


class Server:
    """A process that can be killed and brought back. Whoever calls must hold it alone."""

    def __init__(self, name: str, folder: pathlib.Path):
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        self.port = free_port()
        self.child: subprocess.Popen | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def start(self) -> None:
        with (self.folder.parent / f"{self.name}.log").open("ab") as log:
            # It must not outlive this script, however that ends.
            command = ["setpriv", "--pdeathsig", "KILL", "--", *self.command()]
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment()
            )

    def kill(self) -> None:
        if self.child:
            self.child.kill()
            self.child.wait()

    def stop(self) -> int:
        """Asks it to stop; gives its exit code."""
        if not self.child or self.child.poll() is not None:
            return 0
        self.child.send_signal(signal.SIGINT if self.name == "postgres" else signal.SIGTERM)
        try:
            return self.child.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9

    def ended(self) -> bool:
        return self.child is not None and self.child.poll() is not None

    def said(self) -> str:
        log = self.folder.parent / f"{self.name}.log"
        return log.read_text(errors="replace")[-4000:] if log.exists() else "not started"


class Redis(Server):
    """Only `appendfsync always` keeps what was acknowledged when Redis is killed: with `everysec` it puts off writing for
    up to two seconds while the disk is busy with the sync before."""

    def command(self) -> list[str]:
        return [
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
            "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
        ]  # fmt: skip

    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def is_up(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"


class Postgres(Server):
    def __init__(self, folder: pathlib.Path):
        super().__init__("postgres", folder)
        self.programs = newest_postgres()
        # PostgreSQL refuses to run as root.
        self.user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]
        if os.getuid() != 0:
            self.user = []
        else:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
            folder.chmod(0o755)
        initdb = [str(self.programs / "initdb"), "-A", "trust", "-U", "postgres", "-D", str(self.folder / "data")]
        subprocess.run([*self.user, *initdb], check=True, stdout=subprocess.DEVNULL)

    def command(self) -> list[str]:
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=64MB"]
        options = [part for setting in settings for part in ("-c", setting)]
        program = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        # Without `exec` between them the wish to die with this script would be lost with the change of user.
        return [*self.user[:-1], "--pdeathsig", "KILL", "--", *program, *options] if self.user else [*program, *options]

    def start(self) -> None:
        """What a killed server leaves behind (its other processes, its shared memory) goes away within a moment;
        before that, no other one starts."""
        deadline = time.monotonic() + 60
        while True:
            super().start()
            while not self.ended():
                with contextlib.suppress(subprocess.CalledProcessError):
                    if self.query("select 1") == "1":
                        return
                time.sleep(0.05)
            if time.monotonic() > deadline:
                raise SystemExit(f"PostgreSQL does not start:\n{self.said()}")
            time.sleep(0.1)

    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def query(self, sql: str) -> str:
        return self.psql(["-c", sql])

    def psql(self, arguments: list[str]) -> str:
        command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(), *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
        return done.stdout.strip()


class App(Server):
    def __init__(self, name: str, folder: pathlib.Path, binary: pathlib.Path, postgres: Postgres, redis: Redis):
        super().__init__(name, folder)
        self.binary, self.postgres, self.redis = binary, postgres, redis

    def command(self) -> list[str]:
        return [str(self.binary), "serve"]

    def environment(self) -> dict[str, str]:
        own = {
            "PORT": str(self.port), "HOST": "127.0.0.1", "METRICS_LISTEN": "off", "API_KEY": API_KEY,
            "DATA_DIR": str(self.folder), "DATABASE_URL": self.postgres.url(), "REDIS_URL": self.redis.url(),
        }  # fmt: skip
        return dict(os.environ) | own

    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_up(self) -> bool:
        return get(f"{self.address()}/readyz", timeout=2)[0] == 200


def newest_postgres() -> pathlib.Path:
    if installed := list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return max(installed, key=lambda path: int(path.parts[-3])).parent
    if found := shutil.which("initdb"):
        return pathlib.Path(found).parent
    raise SystemExit("there is no PostgreSQL server; install it: apt install postgresql")


def kill_and_restart(victims: list[Server], chance: random.Random) -> None:
    """All die at one moment and come back in any order, some at once, some after a while."""
    for victim in victims:
        victim.kill()
    chance.shuffle(victims)
    for victim in victims:
        if chance.random() < 0.5:
            time.sleep(chance.uniform(0, 0.5))
        victim.start()
