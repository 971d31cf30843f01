# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A worker that sends planned messages, as the host's scheduler would have it done."""

import sys

from support.worker import Worker, environment, serve


class SendingWorker(Worker):
    """Sends everything that is planned."""


def send(registry):
    with environment(registry) as env:
        env["collection.message"]._cron_send()


if __name__ == "__main__":
    serve(sys.argv[1], send)
