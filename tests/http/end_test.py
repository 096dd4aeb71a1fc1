"""How the server ends, and how many it serves at once."""

import signal
import time
import unittest
from urllib.parse import quote

from serving import Server, get, post, read_all, status


class End(unittest.TestCase):
    """OPS-01: told to end, it finishes what it has begun."""

    def test_a_request_in_flight_is_answered_and_the_exit_code_is_0(self):
        with Server() as server:
            ticket = server.ticket()
            body = f"ticket={ticket}&verify_code={quote(server.answer(ticket))}"
            request = post("/newpage/login/", body)
            with server.connect() as begun, server.connect() as idle:
                idle.sendall(get("/healthz").replace(b"Connection: close\r\n", b""))
                self.assertEqual(status(idle.recv(65_536)), 200)
                begun.sendall(request[:-20])
                time.sleep(0.3)  # until the handler waits for the rest
                server.process.send_signal(signal.SIGTERM)
                self.wait_until_closed(server)
                self.assertIsNone(server.process.poll(), "it waits for the request")
                begun.sendall(request[-20:])
                self.assertEqual(status(read_all(begun)), 200)
                self.assertEqual(read_all(idle), b"", "an idle connection is closed")
                self.assertEqual(server.process.wait(timeout=5), 0)
            # The clean end was noted: the ticket is known to be used, not only expired.
            server.start()
            answer = server.exchange(request)
            self.assertIn(b"location: /newpage/login/?again=wrong", answer.lower())

    def test_a_request_that_never_ends_is_cut_off_after_ten_seconds(self):
        with Server() as server:
            request = post("/newpage/login/", "a" * 100)
            with server.connect() as begun:
                begun.sendall(request[:-20])
                time.sleep(0.3)
                told = time.monotonic()
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(server.process.wait(timeout=20), 0)
                self.assertLess(time.monotonic() - told, 12)
            server.start()

    def wait_until_closed(self, server):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                server.connect(timeout=1).close()
            except ConnectionError:
                return
            time.sleep(0.01)
        self.fail("it still listens")


class Places(unittest.TestCase):
    """NET-02: connections are bounded for one address, and a refused one is closed at once."""

    ONE_ADDRESS = 256

    def test_one_address_has_so_many_connections_and_no_more(self):
        with Server() as server:
            held = []
            request = get("/healthz").replace(b"Connection: close\r\n", b"")
            for _ in range(self.ONE_ADDRESS):
                connection = server.connect()
                connection.sendall(request)
                self.assertEqual(status(connection.recv(65_536)), 200, len(held))
                held.append(connection)
            for _ in range(3):
                begun = time.monotonic()
                self.assertEqual(server.exchange(get("/healthz")), b"")
                self.assertLess(time.monotonic() - begun, 2)
            held.pop().close()
            self.assertEqual(self.until_answered(server), 200)
            for connection in held:
                connection.close()
            self.assertEqual(self.until_answered(server), 200)
            self.assertIn("excess_connections", self.log_after_end(server))

    def until_answered(self, server):
        """The server learns of a closed connection a moment later."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if answer := server.exchange(get("/healthz")):
                return status(answer)
            time.sleep(0.02)
        return None

    def log_after_end(self, server):
        server.end()
        log = server.log.read_text()
        server.start()
        return log


if __name__ == "__main__":
    unittest.main()
