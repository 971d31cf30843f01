"""An Odoo server of our own for as long as a script needs it.

As a command: `odoo_server.py free-port ADDRESS FIRST` prints a port that is free, and
`odoo_server.py wait URL PROCESS` returns once the URL answers or fails when the process is gone.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request


def free_port(first=8069, address="127.0.0.1"):
    """The first port from `first` on that nobody listens to."""
    for port in range(first, first + 500):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise SystemExit("No free port found.")


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=60):
            return True
    except OSError:
        return False


def wait_until_ready(url, is_alive, seconds=120):
    """Whether the URL answers before the time is up or the server is gone."""
    deadline = time.monotonic() + seconds
    while not answers(url):
        if not is_alive() or time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


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
        if not wait_until_ready(f"{self.url}/web/health", lambda: self.process.poll() is None):
            self.__exit__()
            sys.exit(f"Odoo did not start; its log: {self.log_path}")
        return self

    def __exit__(self, *_exception):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def process_exists(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["free-port", address, first]:
            print(free_port(int(first), address))
        case ["wait", url, process_id]:
            sys.exit(not wait_until_ready(url, lambda: process_exists(int(process_id))))
        case _:
            sys.exit(__doc__)
