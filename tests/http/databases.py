"""Databases that tests start on free ports of loopback, by `tests/daemon`; each goes away with its `with` block."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

DAEMON = Path(__file__).resolve().parent.parent / "daemon"
PATIENCE = 30


def free_port():
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Daemon:
    """One database process and its folder."""

    def __init__(self, kind, *options):
        self.kind, self.options = kind, options
        self.port = free_port()
        self.top = Path(tempfile.mkdtemp(prefix="inkgate-"))
        self.top.chmod(0o755)
        self.folder = self.top / kind
        self.script = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end()
        shutil.rmtree(self.top)

    def start(self):
        """Starts it, or starts it again with the data that it has, and waits until it answers."""
        command = [DAEMON, self.kind, self.folder, str(self.port), *self.options]
        self.script = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.wait(self.answers, "does not answer")

    def kill(self):
        """Ends it as a crash would."""
        os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)
        self.end()

    def end(self):
        """Ends it, if it runs."""
        if self.script:
            self.script.stdin.close()
            self.script.wait(timeout=PATIENCE)
            self.script = None

    def answers(self):
        """Whether it would do what it is asked."""
        if self.kind == "postgres":
            words = [*Path("/usr/lib/postgresql").glob("*/bin/pg_isready")][:1]
            words += ["-q", "-h", "127.0.0.1", "-p", str(self.port)]
            return subprocess.run(words, check=False).returncode == 0
        return self.cli("PING") == "PONG"

    def cli(self, *words):
        """What a Redis server or a sentinel answers."""
        command = ["redis-cli", "-p", str(self.port), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def wait(self, condition, what):
        """Waits until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.kind} on port {self.port} {what}")
            time.sleep(0.005)


class Postgres(Daemon):
    """A PostgreSQL server that synchronises its commits, as it does by itself."""

    def __init__(self):
        super().__init__("postgres")

    @property
    def url(self):
        """The address of a store in it."""
        return f"postgres://inkgate@127.0.0.1:{self.port}/postgres"


class Redis(Daemon):
    """A Redis server; without options it forgets everything when it ends."""

    def __init__(self, *options):
        super().__init__("redis", *(options or ("--save", "")))

    @property
    def url(self):
        """The address of a store in it."""
        return f"redis://127.0.0.1:{self.port}"


class Sentinels(contextlib.ExitStack):
    """A master, a replica and three sentinels."""

    def __enter__(self):
        first = self.enter_context(Redis())
        second = self.enter_context(Redis("--save", "", "--repl-diskless-sync-delay", "0"))
        second.cli("REPLICAOF", "127.0.0.1", str(first.port))
        self.servers = [first, second]
        watch = (
            f"sentinel monitor ink 127.0.0.1 {first.port} 2\\nsentinel down-after-milliseconds ink 400\\n"
            "sentinel failover-timeout ink 2000"
        )
        self.sentinels = [self.enter_context(Daemon("sentinel", watch)) for _ in range(3)]
        self.settle()
        return self

    @property
    def url(self):
        """The address of a store in it."""
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{hosts}/ink"

    def master(self):
        """The server that the sentinels name, and the other."""
        port = self.sentinels[0].cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "ink").split()[1]
        first, second = self.servers
        return (first, second) if str(first.port) == port else (second, first)

    def settle(self):
        """Waits until all know of each other and the replica has everything."""
        for sentinel in self.sentinels:
            sentinel.wait(lambda: self.knows_all(sentinel), "does not know the others")
        master, replica = self.master()
        replica.wait(lambda: f"master_port:{master.port}" in replica.cli("INFO", "replication"), "has another master")
        replica.wait(lambda: "master_link_status:up" in replica.cli("INFO", "replication"), "is not in step")

    @staticmethod
    def knows_all(sentinel):
        """Whether a sentinel sees a master that is up, one replica that is up, and two other sentinels."""
        words = sentinel.cli("SENTINEL", "MASTER", "ink").split("\n")
        master = dict(zip(words[::2], words[1::2]))
        replica = sentinel.cli("SENTINEL", "REPLICAS", "ink").split("\n")
        flags = dict(zip(replica[::2], replica[1::2])).get("flags")
        return (master.get("flags"), master.get("num-other-sentinels"), flags) == ("master", "2", "slave")


class Cluster(contextlib.ExitStack):
    """Three masters that share the slots."""

    def __enter__(self):
        self.nodes = [self.enter_context(Redis(*self.options())) for _ in range(3)]
        hosts = [f"127.0.0.1:{node.port}" for node in self.nodes]
        self.nodes[0].cli("--cluster", "create", *hosts, "--cluster-yes")
        for node in self.nodes:
            node.wait(lambda: "cluster_state:ok" in node.cli("CLUSTER", "INFO"), "is in no cluster")
        return self

    @staticmethod
    def options():
        """What makes a server a node."""
        yield from ("--save", "", "--cluster-enabled", "yes", "--cluster-node-timeout", "1000")
        yield from ("--cluster-port", str(free_port()))

    @property
    def url(self):
        """The address of a store in it."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
