"""The API answers as its own description says, whatever it is sent."""

import subprocess
import sys
import unittest
from pathlib import Path

from shop import Server, Shop

# That a body against the description is refused is not among them: siteverify answers every readable one with 200,
# as the vendors do.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
)


class Contract(unittest.TestCase):
    def test_every_answer_is_one_of_the_description(self):
        """API-16, C-30: schemathesis makes up requests, good and bad; the same ones each time."""
        with Server(INKGATE_THROTTLE_ENABLED="false") as server:
            inkgate = Shop(server, "shop").inkgate
            command = [Path(sys.executable).parent / "st", "run", f"{inkgate}/openapi.json"]
            command += ["--checks", ",".join(CHECKS), "--header", f"Origin: {inkgate}"]
            command += ["--max-examples", "150", "--seed", "2026", "--no-color", "--request-timeout", "20"]
            done = subprocess.run(command, cwd=server.data, capture_output=True, text=True, timeout=500, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^\s*Tested: 10$")


if __name__ == "__main__":
    unittest.main()
