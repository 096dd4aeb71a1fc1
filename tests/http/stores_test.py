"""Stores that are servers of their own: away at the start, away later, reached by TLS."""

import contextlib
import os
import socket
import subprocess
import time
import unittest

from databases import Postgres, Redis, free_port
from serving import Server, get, post, read_all, status

SHARED = {"INKGATE_THROTTLE_ENABLED": "false"}


def solution(server):
    """A right solution, ready to be posted."""
    ticket = server.ticket()
    return post("/newpage/login/", f"ticket={ticket}&verify_code={server.answer(ticket)}")


class Away(unittest.TestCase):
    def test_a_store_that_is_away_at_the_start_is_503_until_it_is_there(self):
        for database in (Redis(), Postgres()):
            with self.subTest(database.kind):
                self.check(database)

    def check(self, database):
        admin = free_port()
        # The database asks for no password, and gets one.
        address = database.url.replace("inkgate@", "inkgate:s3cret@")
        with Server(INKGATE_STORE=address, INKGATE_ADMIN_LISTEN=f"127.0.0.1:{admin}", **SHARED) as server:
            def ready():
                with socket.create_connection(("127.0.0.1", admin), timeout=20) as connection:
                    connection.sendall(get("/readyz"))
                    return status(read_all(connection))

            self.assertEqual(status(server.exchange(get("/newpage/getcode/"))), 200, "pictures need no store")
            refused = server.exchange(solution(server))
            self.assertEqual(status(refused), 503)
            self.assertIn(b"retry-after: ", refused.lower())
            self.assertEqual(ready(), 503)
            with database:
                while ready() != 200:
                    time.sleep(0.02)
                self.assertEqual(status(server.exchange(solution(server))), 200)
                database.kill()
                self.assertEqual(status(server.exchange(solution(server))), 503)
                self.assertEqual(ready(), 503)
                database.start()
                while ready() != 200:
                    time.sleep(0.02)
                self.assertEqual(status(server.exchange(solution(server))), 200)
            self.assertNotIn("s3cret", server.log.read_text())

    def test_an_address_is_never_shown_with_its_password(self):
        for address in ("redis://:s3cret@127.0.0.1:1?nonsense=1", "postgres://a:s3cret@127.0.0.1:x/b", "mysql://a:s3cret@b"):
            with self.assertRaises(RuntimeError) as refused:
                with Server(INKGATE_STORE=address):
                    pass
            self.assertNotIn("s3cret", str(refused.exception))
            self.assertRegex(str(refused.exception), "store|INKGATE_STORE")


class Tls(unittest.TestCase):
    def test_a_server_must_prove_its_name(self):
        with contextlib.ExitStack() as stack:
            redis, postgres = Redis(), Postgres()
            for database in (redis, postgres):
                self.certify(database)
            tls = free_port()
            redis.options += ("--tls-port", str(tls), "--tls-auth-clients", "no")
            redis.options += ("--tls-cert-file", "../cert.pem", "--tls-key-file", "../key.pem", "--tls-ca-cert-file", "../cert.pem")
            postgres.options += ("-c", "ssl=on", "-c", f"ssl_cert_file={postgres.top}/cert.pem", "-c", f"ssl_key_file={postgres.top}/key.pem")
            stack.enter_context(redis)
            stack.enter_context(postgres)
            for database, address in (
                (redis, f"rediss://localhost:{tls}"),
                (postgres, f"postgres://inkgate@localhost:{postgres.port}/postgres?sslmode=require"),
            ):
                for trusted, wanted in ((str(database.top / "cert.pem"), 200), ("/dev/null", 503)):
                    with self.subTest(address, trusted=trusted):
                        with Server(INKGATE_STORE=address, SSL_CERT_FILE=trusted, **SHARED) as server:
                            self.assertEqual(status(server.exchange(solution(server))), wanted)
                other = address.replace("localhost", "127.0.0.1")
                with Server(INKGATE_STORE=other, SSL_CERT_FILE=str(database.top / "cert.pem"), **SHARED) as server:
                    self.assertEqual(status(server.exchange(solution(server))), 503)

    @staticmethod
    def certify(database):
        """Makes a key and a certificate for `localhost` in a database's folder."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
             "-keyout", database.top / "key.pem", "-out", database.top / "cert.pem"],
            check=True, capture_output=True,
        )
        if os.getuid() == 0 and database.kind == "postgres":
            subprocess.run(["chown", "postgres", database.top / "key.pem"], check=True)


if __name__ == "__main__":
    unittest.main()
