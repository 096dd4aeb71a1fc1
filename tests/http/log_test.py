"""At its most talkative the log holds no answer, password, ticket, link or session (LOG-02, CAP-08, C-18)."""

import re
import unittest
from urllib.parse import quote

from serving import Server, get, post

EMAIL = "canary@example.org"
PASSWORD = "canary password 9f3a7c"
WRONG = "canary mistyped 4be1d0"
REMEMBERED = "&rememberme=1"


class Log(unittest.TestCase):
    def test_nothing_that_opens_a_door_is_logged(self):
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
            self.assertEqual({name for name, _ in cookies}, {"inkgate_session", "inkgate_remember"})
            server.exchange(get("/member/", "Cookie: " + "; ".join("=".join(pair) for pair in cookies)))
            secrets += [part for _, value in cookies for part in value.split(".")]
            server.end()  # only then is all of the log written
            log = server.log.read_text()
            self.assertIn("answered", log)
            for secret in secrets[1:]:
                self.assertNotIn(secret, log)
            self.assertEqual(log.count(secrets[0]), 1)


if __name__ == "__main__":
    unittest.main()
