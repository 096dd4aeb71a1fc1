"""Whatever a client sends, the real server answers 4xx or closes, soon, and goes on (INP-01 to INP-09)."""

import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from serving import Server, get, post, read_all, status

NEWPAGE = "/newpage/login/"
MEMBER = "/member/login"
LONG = 1_000_000
FIELDS = {
    NEWPAGE: ["ticket", "username", "verify_code"],
    MEMBER: ["ticket", "useremail", "userpassword", "captcha", "rememberme", "next"],
}


def setUpModule():
    global server
    server = Server(INKGATE_THROTTLE_ENABLED="false")
    server.start()


def tearDownModule():
    server.__exit__()


class BadInput(unittest.TestCase):
    def tearDown(self):
        # Whatever was sent, the next good request on a new connection is answered.
        self.assertEqual(status(server.exchange(get("/healthz"))), 200)

    def refused(self, request, *allowed):
        """The answer is one of these statuses (any 4xx if none is named) or a closed connection."""
        begun = time.monotonic()
        answer = server.exchange(request)
        shown = (request[:120], answer[:120])
        if answer:
            code = status(answer)
            self.assertTrue(code in allowed if allowed else 400 <= code <= 499, shown)
        self.assertLess(time.monotonic() - begun, 5, shown)
        return answer


class Forms(BadInput):
    """INP-01 to INP-04, C-25: fields that are missing, empty, doubled, long or not text."""

    FAILED = {NEWPAGE: 303, MEMBER: 422}

    def body(self, path, **given):
        """A form with a fresh ticket and its right answer, changed by what is given; None drops a field."""
        ticket = server.ticket(path)
        right = {"newpage": "verify_code", "member": "captcha"}[path.split("/")[1]]
        fields = {"ticket": ticket, right: server.answer(ticket), **given}
        return "&".join(f"{name}={quote(value)}" for name, value in fields.items() if value is not None)

    def test_a_right_answer_is_taken_so_that_the_rest_shows_something(self):
        self.assertEqual(status(server.exchange(post(NEWPAGE, self.body(NEWPAGE)))), 200)

    def test_a_missing_or_empty_field_is_a_wrong_answer(self):
        for value in (None, ""):
            for field in ("ticket", "verify_code"):
                answer = self.refused(post(NEWPAGE, self.body(NEWPAGE, **{field: value})), 303)
                self.assertIn(b"location: /newpage/login/?again=wrong", answer.lower())
            for field in ("ticket", "captcha"):
                self.refused(post(MEMBER, self.body(MEMBER, **{field: value})), 422)
        self.refused(post(NEWPAGE, ""), 303)
        self.refused(post(MEMBER, ""), 422)

    def test_a_doubled_field_is_a_wrong_answer(self):
        for path, right in ((NEWPAGE, "verify_code"), (MEMBER, "captcha")):
            for field in ("ticket", right):
                body = self.body(path)
                value = next(part for part in body.split("&") if part.startswith(f"{field}="))
                self.refused(post(path, f"{body}&{value}"), self.FAILED[path])
                self.refused(post(path, f"{body}&{field}="), self.FAILED[path])

    def test_an_answer_given_with_a_missing_one_is_used_up(self):
        body = self.body(NEWPAGE)
        ticket = next(part for part in body.split("&") if part.startswith("ticket="))
        self.refused(post(NEWPAGE, ticket), 303)
        self.refused(post(NEWPAGE, body), 303)

    def test_a_field_of_a_megabyte_is_too_large(self):
        for path, fields in FIELDS.items():
            for field in fields:
                self.refused(post(path, f"{field}={'a' * LONG}"), 413)

    def test_a_body_without_an_announced_length_is_measured_too(self):
        """INP-02"""
        chunk = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
        for path in FIELDS:
            head = post(path, "", "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
            self.refused(head + b"5\r\nname=\r\n" + chunk * 3 + b"0\r\n\r\n", 413)

    def test_a_field_that_is_not_utf_8_is_refused(self):
        for path, fields in FIELDS.items():
            for field in fields:
                for junk in (b"%ff", b"\xff\xfe", b"%c0%af", b"%ed%a0%80", b"%f4%90%80%80", b"%e9"):
                    self.refused(post(path, field.encode() + b"=" + junk), 400)

    def test_a_field_with_control_characters_is_refused(self):
        for path, fields in FIELDS.items():
            for field in fields:
                for junk in ("%00", "%0d%0aSet-Cookie:%20a=b", "%1b[31m", "%7f", "%c2%85"):
                    answer = self.refused(post(path, f"{field}=x{junk}"), 400)
                    self.assertNotIn(b"\r\nset-cookie: a=b", answer.lower())

    def test_a_body_of_another_type_is_refused(self):
        for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=gbk", ""):
            request = post(NEWPAGE, "{}").replace(b"application/x-www-form-urlencoded", kind.encode())
            self.refused(request, 400, 415)

    def test_many_fields_and_odd_names_are_only_a_wrong_answer(self):
        for body in ("&" * 16_000, "a&" * 8_000, "=" * 16_000, "ticket[]=x&verify_code[]=y", "%74icket=x", "is_admin=1"):
            self.refused(post(NEWPAGE, body), 303, 400, 413)
            self.refused(post(MEMBER, body), 422, 400, 413)


class Requests(BadInput):
    """INP-05 to INP-09, WEB-05: paths, methods, hosts and headers."""

    PATHS = ("/", "/healthz", NEWPAGE, "/newpage/getcode/", MEMBER, "/member/", "/member/captcha", "/member/logout", "/lang")
    POSTED = (NEWPAGE, MEMBER, "/member/logout", "/lang")

    def test_only_the_declared_methods_are_answered(self):
        for path in self.PATHS:
            for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 64):
                request = get(path).replace(b"GET", method.encode(), 1)
                self.refused(request, 400, 403, 405)
            if path not in self.POSTED:
                answer = self.refused(post(path, ""), 405)
                self.assertIn(b"\r\nallow: ", answer.lower())
        self.refused(get("/member/logout"), 405)

    def test_head_is_get_without_a_body(self):
        answer = server.exchange(get(NEWPAGE).replace(b"GET", b"HEAD", 1))
        self.assertEqual((status(answer), answer.split(b"\r\n\r\n", 1)[1]), (200, b""))

    def test_nothing_outside_the_routes_is_found(self):
        steps = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "%252e%252e%252f", "..;/", "....//", "%c0%ae%c0%ae/")
        for root in ("/", "/assets/", "/challenge/", "/link/"):
            for step in steps:
                for goal in ("etc/passwd", "keys", "inkgate.db", "Cargo.toml"):
                    self.refused(get(root + step * 6 + goal))
        for path in ("/.git/config", "/keys", "/assets/", "/assets/.", "/challenge/", "/index.html", "/%00", "/%", "/%ff", "//", "/?", "/~root"):
            answer = server.exchange(get(path))
            self.assertIn(status(answer), {None, 200, 400, 404, 410} - ({200} if path not in ("/?",) else set()), path)

    def test_a_host_that_is_not_ours_is_refused(self):
        for host in ("example.org", "127.0.0.1.example.org", "localhost.example.org", "127.0.0.1@example.org", "", " ", "a b", "[::1", "example.org:80", "\xe9"):
            request = get(NEWPAGE).replace(b"Host: 127.0.0.1", f"Host: {host}".encode("latin-1"))
            answer = self.refused(request, 400, 421)
            self.assertNotIn(b"example.org", answer)
        self.refused(get(NEWPAGE, "Host: 127.0.0.1"), 400)
        self.refused(get(NEWPAGE).replace(b"Host: 127.0.0.1\r\n", b""), 400)
        self.refused(get("http://example.org" + NEWPAGE), 400, 421)
        answer = server.exchange(get(MEMBER, "X-Forwarded-Host: example.org", "Forwarded: host=example.org"))
        self.assertEqual(status(answer), 200)
        self.assertNotIn(b"example.org", answer)

    def test_another_site_cannot_post(self):
        for path in self.POSTED:
            for headers in (
                ["Sec-Fetch-Site: cross-site"],
                ["Sec-Fetch-Site: same-site"],
                ["Origin: http://example.org"],
                ["Origin: null"],
                ["Origin: http://127.0.0.1.example.org"],
            ):
                self.refused(post(path, "", *headers), 403)

    def test_heads_that_are_too_large_are_refused(self):
        self.refused(get("/" + "a" * LONG), 400, 414, 431)
        self.refused(get("/", "X-Long: " + "a" * LONG), 400, 431)
        self.refused(get("/", *(f"X-{i}: a" for i in range(1_000))), 400, 431)
        self.refused(get("/", "Cookie: inkgate_session=" + "a" * 100_000), 400, 431)

    def test_odd_cookies_are_no_cookies(self):
        for name in ("inkgate_session", "inkgate_remember", "inkgate_lang", "inkgate_ticket_member"):
            for value in ("", "x", "=", ";", "a.b", "%ff", '"', "a" * 4_000, "é", "."):
                request = get("/member/", "COOKIE").replace(b"COOKIE", f"Cookie: {name}={value}".encode())
                self.assertIn(status(server.exchange(request)), (303, 400), (name, value))

    def test_no_header_can_be_smuggled_into_an_answer(self):
        """WEB-06"""
        for path in ("/member/login?next=/%0d%0aX-Evil:%201", "/newpage/login/?again=%0d%0aX-Evil:%201", "/newpage/login?%0d%0aX-Evil:%201"):
            self.assertNotIn(b"\r\nx-evil", server.exchange(get(path)).lower())
        body = "lang=en&next=/%0d%0aX-Evil:%201"
        self.assertNotIn(b"\r\nx-evil", server.exchange(post("/lang", body)).lower())

    def test_an_open_redirect_is_not_followed(self):
        """WEB-04"""
        for goal in ("//e.test", "///e.test", "/\\e.test", "https://e.test", "https:e.test", "javascript:alert(1)", "/%2f/e.test", "/%09/e.test", "%2f%2fe.test", "e.test", ""):
            answer = server.exchange(post("/lang", f"lang=en&next={quote(goal)}"))
            self.assertIn(b"\r\nlocation: /\r\n", answer.lower(), goal)


class Framing(BadInput):
    """INP-07: no request is read in two ways. The request behind a bad one is never answered."""

    SECOND = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    def head(self, *lines):
        return "\r\n".join([f"POST {NEWPAGE} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/x-www-form-urlencoded", *lines, "", ""]).encode("latin-1")

    def test_a_body_framed_in_two_ways_is_refused(self):
        """INP-10, too: a length is decimal digits."""
        for lines in (
            ["Content-Length: 5", "Content-Length: 6"],
            ["Content-Length: 5, 6"],
            ["Content-Length: +5"],
            ["Content-Length: -1"],
            ["Content-Length: 0x5"],
            ["Content-Length: 5 5"],
            ["Content-Length: five"],
            ["Content-Length: 5.0"],
            ["Content-Length: 5e0"],
            ["Content-Length: \xb2"],
            ["Content-Length: "],
            ["Content-Length: 99999999999999999999"],
            ["Content-Length : 5"],
            [" Content-Length: 5"],
            ["Transfer-Encoding: chunked, identity"],
            ["Transfer-Encoding: identity"],
            ["Transfer-Encoding: xchunked"],
            ["Transfer-Encoding : chunked"],
            ["Transfer-Encoding:\x0bchunked"],
            ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
            ["X: a\r\n b: folded"],
            ["X: a\x00b"],
            ["X\x00: a"],
            ["X(: a"],
            [": a"],
            ["no colon"],
            ["X: a\rY: b"],
        ):
            answer = server.exchange(self.head(*lines) + b"0\r\n\r\n" + self.SECOND)
            codes = [int(line[9:12]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
            with self.subTest(lines=lines):
                self.assertLessEqual(len(codes), 1, answer)
                self.assertTrue(all(400 <= code <= 499 for code in codes), answer)

    def test_a_length_beside_chunks_is_not_believed_and_ends_the_connection(self):
        """RFC 9112 section 6.3: read by its chunks, as long as nothing after it is read."""
        for lines in (["Content-Length: 5", "Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Content-Length: 5"]):
            answer = server.exchange(self.head(*lines) + b"0\r\n\r\n" + self.SECOND)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer)
            self.assertIn(status(answer), (303, 400))

    def test_a_bad_chunk_ends_the_connection(self):
        for chunks in (b"x\r\n", b"-1\r\n", b"5\r\nabcdefg\r\n", b"ffffffffffffffffff\r\n", b"5 \r\nab", b"0x5\r\nabcde\r\n", b"\r\n", b"5;" + b"e" * 100_000 + b"\r\nabcde\r\n"):
            answer = server.exchange(self.head("Transfer-Encoding: chunked") + chunks + b"0\r\n\r\n" + self.SECOND)
            codes = [int(line[9:12]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
            with self.subTest(chunks=chunks[:30]):
                self.assertLessEqual(len(codes), 1, answer)
                self.assertTrue(all(400 <= code <= 499 for code in codes), answer)

    def test_what_is_not_a_request_is_closed(self):
        for junk in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET / HTTP/1.1 x\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET  / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET /a b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"*\r\n\r\n",
            bytes(range(256)) * 200,
            b"\r\n" * 50_000,
        ):
            with self.subTest(junk=junk[:30]):
                self.refused(junk)


class Silence(BadInput):
    """NET-01: who does not go on is closed."""

    WAITS = {
        "nothing at all": b"",
        "half a request line": b"GET / HT",
        "half a head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "a head without its body": post(NEWPAGE, "a" * 100)[:-100],
        "half a body": post(NEWPAGE, "a" * 100)[:-50],
        "an answered request": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    }
    LIMIT = 35

    def test_a_silent_connection_is_closed_in_time(self):
        def wait(sent):
            with server.connect(timeout=self.LIMIT) as connection:
                connection.sendall(sent)
                begun = time.monotonic()
                try:
                    answer = read_all(connection)
                except TimeoutError:
                    return None, b""
                return time.monotonic() - begun, answer

        with ThreadPoolExecutor(len(self.WAITS)) as pool:
            waits = dict(zip(self.WAITS, pool.map(wait, self.WAITS.values())))
        for what, (seconds, answer) in waits.items():
            with self.subTest(what=what):
                self.assertIsNotNone(seconds, "still open")
                self.assertLess(seconds, {"an answered request": 32}.get(what, 16))
                self.assertNotIn(b"HTTP/1.1 5", answer)

    def test_a_head_that_trickles_in_is_closed(self):
        with server.connect() as connection:
            begun = time.monotonic()
            with self.assertRaises(OSError):
                for byte in b"GET / HTTP/1.1\r\nX: " + b"a" * 1_000:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.1)
            self.assertLess(time.monotonic() - begun, 16)


if __name__ == "__main__":
    unittest.main()
