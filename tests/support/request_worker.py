# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A worker that books paid requests, as the host's job for confirmed transactions does."""

import sys

from support.worker import Worker, environment, serve, until

GIVE_UP_SECONDS = 120


class RequestWorker(Worker):
    """Books until no confirmed transaction is left."""


def book(registry):
    for _turn in until(GIVE_UP_SECONDS):
        with environment(registry) as env:
            left = env["payment.transaction"].search([
                ("payment_request_id", "!=", False),
                ("state", "=", "done"),
                ("is_post_processed", "=", False),
            ])
            if not left:
                return
            left._cron_post_process()


if __name__ == "__main__":
    serve(sys.argv[1], book)
