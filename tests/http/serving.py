"""A real `inkgate serve` on a free port of loopback, with a data folder of its own."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
INKGATE = os.environ.get("INKGATE", str(ROOT / "target/release/inkgate"))


class Server:
    """Runs from entering the `with` block to its end; `environment` is laid over the process's own."""

    def __init__(self, **environment):
        self.environment = {**os.environ, **environment}
        self.data = Path(tempfile.mkdtemp(prefix="inkgate-"))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.log = self.data / "log"
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end()
        shutil.rmtree(self.data)

    def start(self):
        """Starts and waits until it answers."""
        command = [INKGATE, "serve", "--listen", f"127.0.0.1:{self.port}", "--data", self.data]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"the server did not start: {self.log.read_text()}")

    def end(self, how=signal.SIGTERM):
        """Ends it, by default as an operator would."""
        self.process.send_signal(how)
        code = self.process.wait(timeout=20)
        if how == signal.SIGTERM and code != 0:
            raise RuntimeError(f"the server ended with {code}: {self.log.read_text()}")

    def connect(self, timeout=20):
        """A plain connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def exchange(self, request):
        """Sends bytes and returns all that comes back until the server closes."""
        with self.connect() as connection:
            try:
                connection.sendall(request)
            except OSError:
                pass  # refused while still sending; the answer may have come before
            return read_all(connection)

    def ask(self, path, asked, *headers):
        """Asks the API, and returns the object that it answers."""
        request = post(path, json.dumps(asked), *headers)
        request = request.replace(b"application/x-www-form-urlencoded", b"application/json")
        return json.loads(self.exchange(request).split(b"\r\n\r\n", 1)[1])

    def ticket(self, path="/newpage/login/"):
        """The ticket of a fresh form."""
        page = self.exchange(get(path)).decode()
        return re.search(r'name="ticket"[^>]*value="([^"]+)"', page)[1]

    def answer(self, ticket):
        """What the ticket's picture shows, as the operator reads it."""
        rows = self.command("inspect", ticket).splitlines()
        return dict(row.split("\t", 1) for row in rows)["answer"]

    def add_member(self, email, password, name="Mei"):
        """Adds a member beside the running server."""
        self.command("member", "add", email, "--name", name, text=f"{password}\n{password}\n")

    def command(self, *words, text=""):
        """Runs `inkgate WORDS` on the data folder and returns what it prints."""
        done = subprocess.run(
            [INKGATE, *words, "--data", self.data],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"inkgate {words[0]}: {done.stderr}")
        return done.stdout


def get(path, *headers):
    """A GET request after which the server closes."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def post(path, body, *headers):
    """A form post after which the server closes."""
    body = body if isinstance(body, bytes) else body.encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def read_all(connection):
    """Everything until the other side closes or resets."""
    received = bytearray()
    try:
        while chunk := connection.recv(65_536):
            received += chunk
    except ConnectionError:
        pass
    return bytes(received)


def status(answer):
    """The status of a raw answer; None if there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.") else None
