"""A web site with a widget: its keys at a running server, and the tokens that its visitors earn."""

import json
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/http"))

from serving import Server  # noqa: E402

ORIGIN = "http://127.0.0.1:3000"


class Shop:
    """A site called `name` on 127.0.0.1."""

    def __init__(self, server, name):
        added = server.command("site", "add", name, "--host", "127.0.0.1").splitlines()
        fields = dict(line.split("\t", 1) for line in added if "\t" in line)
        self.know(server, fields["sitekey"], fields["secret"])

    @classmethod
    def kept(cls, server, sitekey, secret):
        """One that the configuration has already."""
        shop = cls.__new__(cls)
        shop.know(server, sitekey, secret)
        return shop

    def know(self, server, sitekey, secret):
        """Its keys, and where they are good."""
        self.server, self.sitekey, self.secret = server, sitekey, secret
        self.inkgate = f"http://127.0.0.1:{server.port}"

    def token(self, **asked):
        """What a visitor earns who reads the picture."""
        challenge = self.ask("/api/challenge", sitekey=self.sitekey, **asked)
        solution = self.server.answer(challenge["ticket"])
        return self.ask("/api/solve", ticket=challenge["ticket"], solution=solution)["token"]

    def ask(self, path, **fields):
        """As a page of the site asks it."""
        headers = {"Content-Type": "application/json", "Origin": ORIGIN}
        request = urllib.request.Request(self.inkgate + path, json.dumps(fields).encode(), headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)


__all__ = ["ROOT", "Server", "Shop"]
