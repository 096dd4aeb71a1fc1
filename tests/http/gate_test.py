"""The gate with the nginx and Caddy of Debian before a back end: who gets through, as whom, and the way back."""

import http.client
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from serving import Server

EMAIL, NAME, PASSWORD = "mei@example.org", "林美", "correct horse battery"
APP, LOGIN = "app.example.test", "login.example.test"
# With an underscore too: CGI and WSGI make one variable of both spellings.
SPOOFED = {
    "Remote-User": "admin@example.org",
    "Remote-Name": "admin",
    "Remote-Id": "1",
    "X-Forwarded-User": "admin",
    "Remote_User": "admin@example.org",
    "Remote_Name": "admin",
    "Remote_Id": "1",
}

NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        server_name {app};
        location / {{
            auth_request /auth;
            auth_request_set $user $upstream_http_remote_user;
            auth_request_set $name $upstream_http_remote_name;
            auth_request_set $id $upstream_http_remote_id;
            auth_request_set $sign_in $upstream_http_inkgate_sign_in;
            error_page 401 = @sign_in;
            proxy_set_header Remote-User $user;
            proxy_set_header Remote-Name $name;
            proxy_set_header Remote-Id $id;
            proxy_pass http://127.0.0.1:{back_end};
        }}
        location = /auth {{
            internal;
            proxy_pass http://127.0.0.1:{inkgate}/auth/nginx;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
        }}
        location @sign_in {{ return 302 $sign_in; }}
    }}
}}
"""

CADDY = """
{{
    admin off
    auto_https off
    storage file_system {folder}
}}
http://{app}:{port} {{
    bind 127.0.0.1
    request_header -Remote_User
    request_header -Remote_Name
    request_header -Remote_Id
    forward_auth 127.0.0.1:{inkgate} {{
        uri /auth/forward
        copy_headers Remote-User Remote-Name Remote-Id
    }}
    reverse_proxy 127.0.0.1:{back_end}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class BackEnd(http.server.BaseHTTPRequestHandler):
    """Answers what it was asked with."""

    def do_GET(self):
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def ask(port, host, path, method="GET", body=None, headers=None, **more):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {**(headers or {}), **more}
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body.encode() if body is not None else None)
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


def cookies_of(answer):
    """What a browser would send to every host of the domain."""
    lines = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    shared = [line for line in lines if re.search(r"; *domain=example\.test", line, re.I)]
    return "; ".join(line.split(";")[0] for line in shared)


class Gate:
    """What holds for every proxy."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="inkgate-gate-"))
        cls.back_end = http.server.ThreadingHTTPServer(("127.0.0.1", 0), BackEnd)
        threading.Thread(target=cls.back_end.serve_forever, daemon=True).start()
        cls.inkgate = Server(
            INKGATE_PUBLIC_URL=f"http://{LOGIN}", INKGATE_COOKIE_DOMAIN="example.test", INKGATE_THROTTLE_ENABLED="false"
        )
        cls.inkgate.start()
        cls.inkgate.add_member(EMAIL, PASSWORD, NAME)
        cls.port = free_port()
        config = cls.folder / "config"
        config.write_text(
            cls.config.format(
                folder=cls.folder,
                port=cls.port,
                app=APP,
                inkgate=cls.inkgate.port,
                back_end=cls.back_end.server_address[1],
            )
        )
        # Debian has nginx where only root looks.
        environment = {"HOME": str(cls.folder), "PATH": f"{os.environ['PATH']}:/usr/sbin"}
        with (cls.folder / "log").open("w") as log:
            cls.proxy = subprocess.Popen(cls.command(config), stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", cls.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((cls.folder / "log").read_text())

    @classmethod
    def tearDownClass(cls):
        cls.proxy.terminate()
        cls.proxy.wait(timeout=20)
        cls.inkgate.__exit__()
        cls.back_end.shutdown()
        cls.back_end.server_close()
        shutil.rmtree(cls.folder)

    def sign_in(self, next_page="/account"):
        body = urlencode({"email": EMAIL, "password": PASSWORD, "next": next_page})
        answer = ask(self.inkgate.port, LOGIN, "/login", "POST", body)
        self.assertEqual(answer.status, 303, answer.text)
        return answer

    def test_a_stranger_is_led_to_the_sign_in_and_back(self):
        path = "/a%20page/?q=1&r=%2F%26#".rstrip("#")
        answer = ask(self.port, APP, path, Accept="text/html")
        self.assertEqual(answer.status, 302)
        place = urlsplit(answer.headers["Location"])
        self.assertEqual((place.netloc, place.path), (LOGIN, "/login"))
        back = parse_qs(place.query)["next"][0]
        self.assertEqual(back, f"http://{APP}{path}")
        form = ask(self.inkgate.port, LOGIN, f"/login?{place.query}")
        self.assertIn('name="next"', form.text)
        signed_in = self.sign_in(back)
        self.assertEqual(signed_in.headers["Location"], back)
        answer = ask(self.port, APP, path, Cookie=cookies_of(signed_in))
        self.assertEqual((answer.status, json.loads(answer.text)["path"]), (200, path))

    def test_the_back_end_is_told_who_it_is_whatever_the_visitor_says(self):
        cookies = cookies_of(self.sign_in())
        for spoofed in ({}, SPOOFED, {name.lower(): value for name, value in SPOOFED.items()}):
            answer = ask(self.port, APP, "/", Cookie=cookies, headers=spoofed)
            told = {name.lower(): value for name, value in json.loads(answer.text)["headers"].items()}
            self.assertEqual(told["remote-user"], EMAIL)
            self.assertEqual(told["remote-name"], quote(NAME))
            self.assertEqual(told["remote-id"], "1")
            self.assertEqual([name for name in told if name.startswith("remote_")], [])

    def test_no_header_and_no_cookie_of_a_visitors_own_opens_it(self):
        session = cookies_of(self.sign_in())
        for headers in (
            SPOOFED,
            {"Cookie": "inkgate_session=" + "A" * 43},
            {"Cookie": session[:-1]},
            {"Cookie": "name=Mei"},
            {"X-Original-URL": "http://evil.test/", "X-Forwarded-Uri": "/auth/forward"},
            {"X-Forwarded-Method": "GET", "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "javascript"},
        ):
            for path in ("/", "/auth", "/auth/nginx", "/login", "//evil.test/", "/?next=//evil.test"):
                answer = ask(self.port, APP, path, Accept="text/html", headers=headers)
                self.assertIn(answer.status, (302, 401, 404), (path, headers))
                place = answer.headers["Location"]
                if place:
                    self.assertTrue(place.startswith(f"http://{LOGIN}/login"), place)
                    back = parse_qs(urlsplit(place).query).get("next", [""])[0]
                    self.assertTrue(back == "" or back.startswith(f"http://{APP}"), back)

    def test_signing_out_shuts_it_at_once(self):
        cookies = cookies_of(self.sign_in())
        self.assertEqual(ask(self.port, APP, "/", Cookie=cookies).status, 200)
        ask(self.inkgate.port, LOGIN, "/logout", "POST", "", Cookie=cookies)
        self.assertEqual(ask(self.port, APP, "/", Cookie=cookies, Accept="text/html").status, 302)

    def test_the_sign_in_leads_nowhere_else(self):
        for bad in ("http://evil.test/", "http://example.test.evil.test/", "//evil.test", "javascript:alert(1)"):
            self.assertEqual(self.sign_in(bad).headers["Location"], "/account")

    def test_while_the_server_is_away_nobody_gets_through(self):
        cookies = cookies_of(self.sign_in())
        self.inkgate.end()
        try:
            self.assertIn(ask(self.port, APP, "/", Cookie=cookies).status, (500, 502, 503))
        finally:
            self.inkgate.start()
        self.assertEqual(ask(self.port, APP, "/", Cookie=cookies).status, 200)


class Nginx(Gate, unittest.TestCase):
    config = NGINX

    @staticmethod
    def command(config):
        return ["nginx", "-c", str(config), "-g", "daemon off;"]


class Caddy(Gate, unittest.TestCase):
    config = CADDY

    @staticmethod
    def command(config):
        return ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"]

    def test_what_is_sent_is_not_redirected(self):
        answer = ask(self.port, APP, "/", "POST", "a=b", Accept="text/html")
        self.assertEqual(answer.status, 401)
        script = ask(self.port, APP, "/", Accept="application/json")
        self.assertEqual(script.status, 401)
        self.assertTrue(json.loads(script.text)["sign_in"].startswith(f"http://{LOGIN}/login?next="))


if __name__ == "__main__":
    unittest.main()
