"""Client libraries of reCAPTCHA, hCaptcha and Turnstile, unchanged but for the address that they ask."""

import os
import subprocess
import sys
import time
import unittest

from shop import ROOT, Server, Shop

PROGRAMS = ROOT / "tests/clients/programs"

CLIENTS = {
    "Google's PHP client": ("google_recaptcha_client.php", "/recaptcha/api/siteverify"),
    "Flask-WTF": ("flask_wtf_client.py", "/recaptcha/api/siteverify"),
    "django-hCaptcha": ("django_hcaptcha_client.py", "/siteverify"),
    "django-turnstile": ("django_turnstile_client.py", "/turnstile/v0/siteverify"),
    "Flask-Turnstile": ("flask_turnstile_client.py", "/turnstile/v0/siteverify"),
}

# The least that may be set.
LIFE = 30


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(INKGATE_TOKEN_TTL_SECONDS=str(LIFE), INKGATE_THROTTLE_ENABLED="false")
        cls.server.start()
        cls.addClassCleanup(cls.server.__exit__)
        cls.shop = Shop(cls.server, "shop")
        # Expires while the others run.
        cls.old, cls.since = cls.shop.token(), time.monotonic()

    def each(self):
        for name, (program, path) in CLIENTS.items():
            with self.subTest(name):
                yield lambda token, secret=None, of=(program, path): self.verify(*of, token, secret)

    def verify(self, program, path, token, secret):
        """What a form's back end comes to with this client."""
        command = ["php"] if program.endswith(".php") else [sys.executable]
        environment = {
            **os.environ,
            "SITEKEY": self.shop.sitekey,
            "SECRET": secret or self.shop.secret,
            "VERIFY": self.shop.inkgate + path,
        }
        command += [str(PROGRAMS / program), token]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def code(self, token, secret=None):
        """What Google's client makes of it: `accepted`, or our code before any of its own."""
        told = self.verify(*CLIENTS["Google's PHP client"], token, secret)
        return told[0] if told[0] == "accepted" else told[1]

    def test_a_right_token_is_accepted_once(self):
        for verify in self.each():
            token = self.shop.token()
            self.assertEqual(verify(token), ["accepted"])
            self.assertEqual(verify(token)[0], "refused")

    def test_a_wrong_token_is_refused(self):
        for verify in self.each():
            for token in ("wrong", self.shop.token()[:-1] + "!", "XXXX.DUMMY.TOKEN.XXXX"):
                self.assertEqual(verify(token)[0], "refused")

    def test_a_wrong_secret_is_refused_and_burns_nothing(self):
        for verify in self.each():
            token = self.shop.token()
            for secret in ("0x" + 40 * "1", "1x0000000000000000000000000000000AA"):
                self.assertEqual(verify(token, secret)[0], "refused")
            self.assertEqual(verify(token), ["accepted"])

    def test_a_token_of_another_site_is_refused(self):
        other = Shop(self.server, "other")
        time.sleep(1)  # A running server looks for new sites once a second.
        for verify in self.each():
            self.assertEqual(verify(other.token())[0], "refused")

    def test_the_codes_are_those_that_the_client_knows(self):
        token = self.shop.token()
        self.assertEqual(self.code("wrong"), "invalid-input-response")
        self.assertEqual(self.code(token, "0x" + 40 * "1"), "invalid-input-secret")
        self.assertEqual(self.code(token), "accepted")
        self.assertEqual(self.code(token), "timeout-or-duplicate")

    def test_z_an_expired_token_is_refused(self):
        # Last, so that there is little left to wait for.
        time.sleep(max(0.0, self.since + LIFE + 1 - time.monotonic()))
        for verify in self.each():
            self.assertEqual(verify(self.old)[0], "refused")
        self.assertEqual(self.code(self.old), "timeout-or-duplicate")


if __name__ == "__main__":
    unittest.main()
