"""Two nodes on Redis and PostgreSQL behind the nginx of Debian: one of them is killed in the middle of it."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from databases import Postgres, Redis, free_port
from serving import Server, get, post, status

EMAIL, PASSWORD = "ann@example.org", "seven quiet herons at dusk"
VISITORS = 6

NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream nodes {{
        server 127.0.0.1:{one};
        server 127.0.0.1:{two};
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://nodes;
            proxy_set_header Host $http_host;
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(one, two):
    """A load balancer before two nodes; its port."""
    folder, port = Path(tempfile.mkdtemp(prefix="inkgate-")), free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, one=one.port, two=two.port))
    # Debian has nginx where only root looks.
    environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
    words = ["nginx", "-c", str(config), "-g", "daemon off;"]
    process = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                ask(port, "GET", "/newpage/getcode/")
                break
            except OSError:
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def ask(port, method, path, cookie="", body=None):
    """The status of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    with contextlib.closing(connection):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        return response.status


def sign_in(node):
    """The session of a new sign-in."""
    ticket = node.ticket("/member/login")
    form = f"ticket={ticket}&captcha={node.answer(ticket)}&useremail={EMAIL}&userpassword={PASSWORD}"
    lines = node.exchange(post("/member/login", form.replace(" ", "+"))).decode().split("\r\n")
    cookies = [line.split(": ", 1)[1].split(";")[0] for line in lines if line.lower().startswith("set-cookie: ")]
    return next(cookie for cookie in cookies if cookie.startswith("inkgate_session="))


class TwoNodes(unittest.TestCase):
    def setUp(self):
        with contextlib.ExitStack() as stack:
            redis, postgres = stack.enter_context(Redis()), stack.enter_context(Postgres())
            with Server() as other:
                keys = (other.data / "keys").read_text()
            environment = {
                "INKGATE_STORE": redis.url,
                "INKGATE_MEMBERS": postgres.url,
                "INKGATE_KEYS": keys,
                "INKGATE_THROTTLE_ENABLED": "false",
            }
            self.one, self.two = (stack.enter_context(Server(**environment)) for _ in range(2))
            self.one.add_member(EMAIL, PASSWORD)
            self.addCleanup(stack.pop_all().close)

    def test_whoever_signs_in_on_one_node_is_known_on_the_other(self):
        self.assertIn(EMAIL, self.two.command("member", "list"))
        session = sign_in(self.one)
        for node in (self.one, self.two):
            self.assertEqual(status(node.exchange(get("/member/", f"Cookie: {session}"))), 200)
        left = self.two.exchange(post("/member/logout", "", f"Cookie: {session}"))
        self.assertEqual(status(left), 303)
        self.assertEqual(status(self.one.exchange(get("/member/", f"Cookie: {session}"))), 303)

    def test_a_node_that_is_killed_fails_no_request_but_those_in_flight(self):
        session = sign_in(self.one)
        with nginx(self.one, self.two) as port:
            failed, answered = [], []
            ended = threading.Event()

            def visit(number):
                while not ended.is_set():
                    begun = time.monotonic()
                    try:
                        if number % 2:
                            came, wanted = ask(port, "GET", "/member/", session), 200
                        else:
                            came, wanted = ask(port, "POST", "/newpage/login/", body="verify_code=x"), 303
                    except (OSError, http.client.HTTPException) as error:
                        came, wanted = repr(error), None
                    (answered if came == wanted else failed).append((begun, came))

            visitors = [threading.Thread(target=visit, args=(number,)) for number in range(VISITORS)]
            for visitor in visitors:
                visitor.start()
            time.sleep(1)
            self.one.process.send_signal(signal.SIGKILL)
            self.one.process.wait()
            killed = time.monotonic()
            time.sleep(3)
            ended.set()
            for visitor in visitors:
                visitor.join()
            self.assertLessEqual(len(failed), VISITORS, failed)
            self.assertEqual([came for begun, came in failed if begun > killed], [])
            self.assertTrue(any(begun > killed for begun, _ in answered), "the other goes on")
            self.one.start()


if __name__ == "__main__":
    unittest.main()
