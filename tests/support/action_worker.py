# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A worker that carries out planned actions, as the host's scheduler would have it done.

With ``line`` it kills itself at that line of the add-ons' code; with 0 it tells how
many it ran.
"""

import sys
import time

import psycopg2

from support.worker import Worker, count_lines, environment, serve, tell, until

GIVE_UP_SECONDS = 120
# so few actions in one transaction that there are many of them
CHUNK = 10
TRACED = (
    "/collection_strategy/models/collection_action",
    "/collection_strategy_charge/models/",
    "/collection_message/models/collection_message.py",
    "/collection/models/mail_activity.py",
    "/payment_charge/models/payment_charge_attempt.py",
)


class ActionWorker(Worker):
    """Carries out whatever is due, until nothing is left for it."""


def small_chunks(_registry):
    from odoo.addons.collection_strategy.models import collection_action_execute

    collection_action_execute.CHUNK = CHUNK


def carry_out(registry, line=None):
    lines = count_lines(TRACED, line)
    for _turn in until(GIVE_UP_SECONDS):
        try:
            with environment(registry) as env:
                Action = env["collection.action"]
                Action._cron_execute()
                # another worker may hold some
                left = Action.search_count(Action._due_domain())
        except psycopg2.OperationalError:
            # another worker was first
            time.sleep(0.02)
            continue
        if not left:
            tell(lines[0])
            return
        time.sleep(0.02)


if __name__ == "__main__":
    serve(sys.argv[1], carry_out, small_chunks)
