"""Keys out of the environment, and keys that change beside a running server."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from serving import INKGATE, Server, post, status


class Keys(unittest.TestCase):
    def test_keys_in_the_environment_are_the_keys(self):
        with Server() as other:
            keys = (other.data / "keys").read_text()
        for store in ("sqlite", "memory"):
            with Server(INKGATE_KEYS=keys, INKGATE_STORE=store) as server:
                ticket = server.ticket()
                # `inspect` has nothing but the same variable.
                body = f"ticket={ticket}&verify_code={server.answer(ticket)}"
                self.assertEqual(status(server.exchange(post("/newpage/login/", body))), 200)
                self.assertFalse((server.data / "keys").exists(), "they are not written down")
                with self.assertRaisesRegex(RuntimeError, "INKGATE_KEYS"):
                    server.command("key", "rotate")
                ticket = server.ticket()
                body = f"ticket={ticket}&verify_code={server.answer(ticket)}"
                server.end()
                server.start()
                # The keys are the same; what a store remembers is its own affair.
                again = server.exchange(post("/newpage/login/", body))
                self.assertEqual(status(again), {"sqlite": 200, "memory": 303}[store])
                if store == "memory":
                    self.assertIn(b"again=expired", again)

    def test_keys_that_cannot_be_read_end_the_start_and_are_not_shown(self):
        with Server() as other:
            keys = (other.data / "keys").read_text()
        secret = re.search(r"[\w-]{43}", keys)[0]
        for broken in ("", "changeme", keys.replace(secret, secret[:-5]), keys + "0badcafe"):
            with tempfile.TemporaryDirectory() as folder:
                done = subprocess.run(
                    [INKGATE, "serve", "--listen", "127.0.0.1:0", "--data", folder],
                    env={"INKGATE_KEYS": broken},
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=20,
                )
                self.assertEqual(done.returncode, 1, done)
                self.assertRegex(done.stderr, r"(?m)^inkgate: INKGATE_KEYS: .*$")
                self.assertNotIn(secret[:-5], done.stderr)
                self.assertFalse((Path(folder) / "keys").exists())

    def test_a_rotation_beside_a_running_server_disturbs_nobody(self):
        """KEY-04: the server takes the new key up within a minute; until then nothing changes."""
        with Server() as server:
            ticket = server.ticket()
            new = re.search(r"(?m)^added\t(\w{8})$", server.command("key", "rotate"))[1]
            rows = [row.split("\t") for row in server.command("key", "list").splitlines()]
            self.assertEqual({row[0]: row[-1] for row in rows}[new], "waiting")
            for good in (ticket, server.ticket()):
                body = f"ticket={good}&verify_code={server.answer(good)}"
                self.assertEqual(status(server.exchange(post("/newpage/login/", body))), 200)


if __name__ == "__main__":
    unittest.main()
