"""What the log tells, and what not even at its most talkative."""

import json
import re
import unittest
from urllib.parse import quote

from serving import Server, get, post, status

EMAIL = "canary@example.org"
PASSWORD = "canary password 9f3a7c"
WRONG = "canary mistyped 4be1d0"
REMEMBERED = "&rememberme=1"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"


class Log(unittest.TestCase):
    def test_nothing_that_opens_a_door_is_logged(self):
        """LOG-02, CAP-08, C-18: no answer, password, ticket, link or session."""
        # That module writes whole addresses; naming it must not let it.
        with Server(INKGATE_LOG="trace,tower_http::csrf=trace", INKGATE_THROTTLE_ENABLED="false") as server:
            secrets = re.findall(r"/link/(\S+)", server.log.read_text())
            self.assertEqual(len(secrets), 1, "the first link is printed once, for the operator")
            server.exchange(get(f"/link/{secrets[0]}"))
            server.add_member(EMAIL, PASSWORD)
            for password in [WRONG, PASSWORD]:
                ticket = server.ticket("/member/login")
                answer = server.answer(ticket)
                fields = f"ticket={ticket}&captcha={answer}&useremail={quote(EMAIL)}&userpassword={quote(password)}"
                told = server.exchange(post("/member/login", fields + REMEMBERED)).decode()
                server.exchange(get(f"/challenge/{ticket}.png"))
                secrets += [ticket, password, quote(password)]
                self.assertNotRegex(server.log.read_text(), rf"\b{answer}\b")
            cookies = re.findall(r"(?i)set-cookie: (inkgate_\w+)=([^;]+)", told)
            self.assertEqual({name for name, _ in cookies}, {"inkgate_session", "inkgate_remember", "inkgate_device"})
            server.exchange(get("/member/", "Cookie: " + "; ".join("=".join(pair) for pair in cookies)))
            secrets += [part for _, value in cookies for part in value.split(".")]
            server.end()  # only then is all of the log written
            log = server.log.read_text()
            self.assertIn("answered", log)
            for secret in secrets[1:]:
                self.assertNotIn(secret, log)
            self.assertEqual(log.count(secrets[0]), 1)

    def test_no_secret_of_a_site_is_logged(self):
        """LOG-02, C-18: no secret, ticket, answer, token or address of a picture; as text and as JSON."""
        for form in ("text", "json"):
            with Server(INKGATE_LOG="trace", INKGATE_LOG_FORMAT=form) as server:
                added = dict(row.split("\t") for row in server.command("site", "add", "shop", "--host", "a.test").splitlines())
                page = ["Origin: https://a.test"]
                asked = {"sitekey": added["sitekey"], "action": "sign-in", "cdata": "canary-cdata"}
                ticket = server.ask("/api/challenge", asked, *page)["ticket"]
                server.exchange(get(f"/challenge/{ticket}@2x.png"))
                answer = server.answer(ticket)
                token = server.ask("/api/solve", {"ticket": ticket, "solution": answer}, *page)["token"]
                body = f"secret={added['secret']}&response={token}"
                for _ in range(2):
                    server.exchange(post("/siteverify", body))
                server.exchange(post(f"/siteverify?{body}", "secret=canary-secret"))
                server.end()
                log = server.log.read_text()
                server.start()
            self.assertEqual(log.count("a token was shown"), 3)
            self.assertNotRegex(log, rf"\b{answer}\b")
            for secret in (added["secret"], ticket, token, "canary-cdata", "canary-secret"):
                self.assertNotIn(secret, log)

    def test_a_log_for_programs_is_an_object_a_line(self):
        """LOG-01, LOG-03: with the request's name, which the API tells too."""
        hostile = "\x1b[31m\u2028\u0085\"}"
        with Server(INKGATE_LOG="trace", INKGATE_LOG_FORMAT="json") as server:
            for path in ("/api/challenge", "/nowhere/"):
                server.exchange(post(path, hostile, f"User-Agent: {hostile}", f"Origin: http://{hostile}"))
            told = server.ask("/api/challenge", {}, "Origin: http://a.test")
            server.end()
            log = server.log.read_text()
            server.start()
        events = [json.loads(line) for line in log.splitlines() if not line.startswith(("listening on", "there is no member"))]
        answered = [event for event in events if event["fields"]["message"] == "answered"]
        numbers = [event["span"]["request"] if "request" in event["span"] else event["span"]["id"] for event in answered]
        self.assertEqual(len(numbers), len(set(numbers)))
        self.assertIn(told["error"]["request_id"], numbers)
        self.assertTrue(all(re.fullmatch(TIME, event["timestamp"]) for event in events))

    def test_what_concerns_security_is_logged_by_name(self):
        """LOG-01: OWASP's names of events, with the time in UTC and the request's name."""
        with Server() as server:
            server.add_member(EMAIL, PASSWORD)
            self.sign_in(server, WRONG)
            first = self.sign_in(server, PASSWORD)
            second = self.renewed(server, first)
            self.renewed(server, second)
            self.renewed(server, first)
            server.exchange(post("/lang", "lang=en", "Origin: http://example.org"))
            while status(server.exchange(get("/newpage/getcode/"))) == 200:
                pass
            server.end()
            log = server.log.read_text()
            server.start()
        for event in (
            "authn_login_fail",
            "authn_login_successafterfail",
            "authn_token_reuse",
            "authz_csrf",
            "excess_rate_limit_exceeded",
        ):
            self.assertRegex(log, rf'(?m)^{TIME} .*request{{id=[a-z2-7]{{16}}}}: .*event="{event}"')

    def test_whatever_a_client_sends_an_event_is_one_line(self):
        """LOG-03"""
        hostile = "\x1b[31mred\x1b[0m\u2028\u0085"
        encoded = quote("a\r\nINFO forged: event\x1b[2J\x00") + "%0d%0a2026-01-01T00:00:00Z  INFO forged"
        with Server(INKGATE_LOG="trace", INKGATE_THROTTLE_ENABLED="false") as server:
            for path in ("/newpage/login/", "/member/login", "/nowhere/"):
                for request in (
                    get(path, f"User-Agent: {hostile}", f"X-Forwarded-For: {hostile}", f"Referer: {hostile}"),
                    get(f"{path}?next={encoded}&again={encoded}"),
                    get(f"{path}{encoded}"),
                    get(path, f"Cookie: name={hostile}; inkgate_lang={hostile}"),
                    get(path).replace(b"Host: 127.0.0.1", f"Host: {hostile}".encode()),
                    post(path, f"username={encoded}&useremail={encoded}&ticket={encoded}&captcha=x"),
                    post(path, "", f"Origin: http://{hostile}"),
                    get(path, "User-Agent: a\r\n INFO forged: folded"),
                ):
                    server.exchange(request)
            server.end()
            log = server.log.read_text()
            server.start()
        self.assertIn("answered", log)
        for line in log.splitlines():
            self.assertRegex(line, rf"^({TIME} |listening on http|there is no member yet)")
        self.assertNotRegex(log, "[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]")
        self.assertNotRegex(log, r"(?m)^.{20,40}INFO forged")

    def sign_in(self, server, password):
        """Signs in and returns the remember-me cookie, if there is one."""
        ticket = server.ticket("/member/login")
        fields = f"ticket={ticket}&captcha={server.answer(ticket)}&useremail={quote(EMAIL)}&userpassword={quote(password)}"
        return self.remember(server.exchange(post("/member/login", fields + REMEMBERED)))

    def renewed(self, server, cookie):
        return self.remember(server.exchange(get("/member/", f"Cookie: inkgate_remember={cookie}")))

    def remember(self, answer):
        found = re.search(r"(?i)set-cookie: inkgate_remember=([^;]+)", answer.decode())
        return found and found[1]


if __name__ == "__main__":
    unittest.main()
