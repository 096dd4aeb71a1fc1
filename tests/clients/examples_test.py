"""The back ends of examples/, each against a real server, and the snippets of docs/from-*.md."""

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from shop import ROOT, Server, Shop

EXAMPLES = ROOT / "examples"
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")

# How each is started, and the field that its page's widget fills.
BACK_ENDS = {
    "axum": ([TARGET / "clients-axum/debug/inkgate-example-axum"], "cf-turnstile-response"),
    "express": (["node", EXAMPLES / "express/server.mjs"], "inkgate-response"),
    "flask": ([sys.executable, EXAMPLES / "flask/app.py"], "g-recaptcha-response"),
    "php": (["php", "-S", "127.0.0.1:PORT", "-t", EXAMPLES / "php"], "g-recaptcha-response"),
}

# Where a page of docs says these, the test says its own.
ADDRESS, SITE_KEY, SECRET, TOKEN = "https://captcha.example.org", "YOUR_SITE_KEY", "YOUR_SECRET", "TOKEN"


class BackEnd:
    """A running example."""

    def __init__(self, command, shop):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = str(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}/"
        environment = {
            **os.environ,
            "PORT": port,
            "INKGATE": shop.inkgate,
            "SITEKEY": shop.sitekey,
            "SECRET": shop.secret,
        }
        command = [str(word).replace("PORT", port) for word in command]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def __enter__(self):
        for _ in range(400):
            try:
                self.get()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.process.args} did not start")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)

    def get(self):
        with self.browser.open(self.url, timeout=20) as response:
            return response.read().decode()

    def post(self, **fields):
        """Sends the page's form; returns the status and whether it says thanks."""
        hidden = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get())
        fields |= {"comment": "Hello"} | ({"csrf_token": hidden[1]} if hidden else {})
        try:
            with self.browser.open(self.url, urllib.parse.urlencode(fields).encode(), timeout=20) as response:
                return response.status, "Thank you" in response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, "Thank you" in error.read().decode()


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = Server(INKGATE_THROTTLE_ENABLED="false")
        server.start()
        cls.addClassCleanup(server.__exit__)
        cls.shop = Shop(server, "example")

    def test_each_back_end_thanks_for_a_right_token_once_and_for_no_other(self):
        for name, (command, field) in BACK_ENDS.items():
            with self.subTest(name), BackEnd(command, self.shop) as back_end:
                page = back_end.get()
                self.assertIn(f'sitekey="{self.shop.sitekey}"', page)
                self.assertIn(f"{self.shop.inkgate}/", page)
                token = self.shop.token(action="comment")
                refused = (403, False)
                self.assertEqual(back_end.post(), refused)
                self.assertEqual(back_end.post(**{field: "wrong"}), refused)
                self.assertEqual(back_end.post(**{field: token}), (200, True))
                self.assertEqual(back_end.post(**{field: token}), refused)

    def test_the_snippets_of_the_guides_accept_a_right_token_once(self):
        run = {"sh": self.run_sh, "python": self.run_python, "php": self.run_php, "js": self.run_js}
        for page in sorted((ROOT / "docs").glob("from-*.md")):
            blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
            told = [(language, code) for language, code in blocks if language in run]
            self.assertGreater(len(told), 2, page)
            for language, code in told:
                with self.subTest(f"{page.name}: {language}"):
                    token = self.shop.token()
                    code = code.replace(ADDRESS, self.shop.inkgate).replace(SECRET, self.shop.secret)
                    self.assertEqual([run[language](code, token) for _ in range(2)], [True, False])

    def test_a_site_keeps_its_keys_as_the_guides_say(self):
        """With keys of each vendor's form."""
        keys = {
            "recaptcha": ("6LcExampleAAAAAAAAAAAAAAAAAAAAAAAAAAAA_-", "6LcExampleAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_"),
            "hcaptcha": ("6f1dd5cc-5f5e-4c2e-9f0b-0d6d8b8f8f11", "0x" + "4fE2" * 10),
            "turnstile": ("0x4AAAAAAADnExampleKey_-", "0x4AAAAAAADnExampleSecret_-AAAAAAAA"),
        }
        for vendor, (sitekey, secret) in keys.items():
            text = (ROOT / f"docs/from-{vendor}.md").read_text()
            snippet = re.search(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1]
            server = Server()
            file = server.data / "secret"
            file.write_text(f"{secret}\n")
            snippet = snippet.replace(SITE_KEY, sitekey).replace("/run/secrets/shop", str(file))
            (server.data / "inkgate.toml").write_text(snippet.replace("shop.example.org", "127.0.0.1"))
            with self.subTest(vendor), server:
                shop = Shop.kept(server, sitekey, secret)
                fields = {"secret": secret, "response": shop.token()}
                asked = urllib.parse.urlencode(fields).encode()
                with urllib.request.urlopen(f"{shop.inkgate}/siteverify", asked, timeout=20) as answer:
                    self.assertTrue(json.load(answer)["success"])

    def run_sh(self, code, token):
        return json.loads(self.output(["sh", "-c", code.replace(TOKEN, token)]))["success"]

    def run_python(self, code, token):
        return self.output([sys.executable, "-c", f"{code}\nprint(is_human({token!r}))"]) == "True"

    def run_php(self, code, token):
        return self.output(["php", "-r", f"{code}\necho var_export(is_human('{token}'), true);"]) == "true"

    def run_js(self, code, token):
        return self.output(["node", "-e", f"{code}\nisHuman('{token}').then(console.log)"]) == "true"

    def output(self, command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()


if __name__ == "__main__":
    unittest.main()
