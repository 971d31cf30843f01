"""An Odoo server of our own for as long as a script needs it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request


def free_port(first=8069):
    """The first port from `first` on that nobody listens to."""
    for port in range(first, first + 500):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit("No free port found.")


class OdooServer:
    """`odoo` on one database and a free port; use it as a context manager."""

    def __init__(self, database, log_path, *options, first_port=8170):
        self.database = database
        self.log_path = log_path
        self.options = options
        self.port = free_port(first_port)
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        command = [
            os.environ["ODOO_BIN"],
            f"--config={os.environ['ODOO_CONF']}",
            f"--database={self.database}",
            f"--db-filter=^{self.database}$",
            f"--http-port={self.port}",
            "--max-cron-threads=0",
            *self.options,
        ]
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 120
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                sys.exit(f"Odoo did not start; its log: {self.log_path}")
            time.sleep(0.3)
        return self

    def __exit__(self, *_exception):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/web/health", timeout=60):
                return True
        except (urllib.error.URLError, OSError):
            return False
