# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""A worker that follows chargebacks, and tells customers whose card ends.

- ``prepare``: charges that were taken and will be disputed, and saved cards that end soon;
- ``run``: hear of the disputes, send the evidence, hear how they end, and send the messages, until
  all of it is done. With ``line`` it kills itself at that line of the add-ons' code; with 0 it
  counts the lines.
"""

import random
import sys
import time
from datetime import timedelta

from support import mailing
from support.charge_scene import late_invoice, save_card
from support.worker import Worker, count_lines, environment, serve, tell

TURNS = 40
TRACED = ("/payment_chargeback/", "/payment_charge_test/")
AMOUNT, FEE, PART = 100.0, 15.0, 40.0
# what becomes of the evidence, try after try, and how the dispute ends
DISPUTES = (
    ("done", "won"),
    ("done", "partly"),
    ("slow", "won"),
    ("lost_before,done", "won"),
    ("lost_after", "lost"),
    ("broken", "won"),
    ("refused", "lost"),
)
CARDS = 6


class ChargebackWorker(Worker):
    """Prepares charges and cards, and follows what becomes of them."""


def hurry(registry):
    """Leave the pages of the evidence as they are before they are printed."""
    Report = registry["ir.actions.report"]
    Report._render_qweb_pdf = Report._render_qweb_html


def address(name, number):
    """Return the e-mail address of somebody whose card ends."""
    return f"{name.replace(' ', '-')}-{number}@example.com"


def prepare(registry, name, port):
    """Write a round: a charge per dispute above, and the cards, with a mail server on a port."""
    with environment(registry) as env:
        company = env.company
        if not company.chart_template:
            env["account.chart.template"].try_loading("generic_coa", company)
        company.email = "charges@company.example.com"
        company.card_expiry_days = 90
        company.chargeback_fee_account_id = env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", company.ids)], limit=1
        )
        mailing.use_server(env, port)
        attempts = env["payment.charge.attempt"]
        for number in range(len(DISPUTES)):
            partner = env["res.partner"].create({"name": f"Round {name} Disputes {number}"})
            save_card(env, partner)
            invoice = late_invoice(env, partner, AMOUNT)
            attempts |= attempts._plan([{"invoice_ids": invoice}])
        env.cr.commit()
        for attempt in attempts:
            attempt._submit()
        assert set(attempts.mapped("state")) == {"succeeded"}
        today = company._charge_today()
        for number in range(CARDS):
            partner = env["res.partner"].create({
                "name": f"Round {name} Card {number}",
                "email": address(name, number),
            })
            save_card(env, partner, card_expiry_month=today.month, card_expiry_year=today.year)
        env.cr.commit()
        tell(attempts.ids)


def run(registry, attempts, line=None):
    lines = count_lines(TRACED, line)
    for _turn in range(TURNS):
        for attempt, dispute in zip(attempts, DISPUTES, strict=True):
            for work in (hear_opening, answer, hear_outcome):
                turn(registry, work, attempt, dispute)
        for work in (follow_up, tell_customers, empty_queue):
            turn(registry, work)
        with environment(registry) as env:
            if not is_open(env, attempts):
                tell(lines[0])
                return
    raise TimeoutError("some disputes are not decided")


def turn(registry, work, *args):
    """Do a piece of work in a transaction; another process may be at it, or the line broken."""
    import psycopg2

    from odoo.exceptions import UserError

    try:
        with environment(registry) as env:
            work(env, *args)
            env.cr.commit()
    except (psycopg2.OperationalError, UserError, ZeroDivisionError):
        time.sleep(random.random() / 20)


def receive(env, attempt, dispute, status, **facts):
    """Take in a report as the webhook does: the provider sends it until it is acknowledged."""
    from odoo.addons.payment_chargeback.core.dispute import Report

    script, _outcome = dispute
    attempt = env["payment.charge.attempt"].browse(attempt)
    env["payment.provider.event"]._receive(
        attempt.transaction_id.provider_id,
        f"{status} {attempt.id}",
        Report(
            reference=f"{script}/{attempt.id}",
            kind="chargeback",
            status=status,
            payment_reference=attempt.transaction_id.provider_reference,
            amount=attempt.amount,
            currency=attempt.currency_id.name,
            withdrawn=attempt.amount,
            fee=FEE,
            fee_currency=attempt.currency_id.name,
            **facts,
        ),
    )


def hear_opening(env, attempt, dispute):
    happened = env["payment.charge.attempt"].browse(attempt).create_date
    receive(env, attempt, dispute, "open", happened=happened.replace(microsecond=0))


def answer(env, attempt, _dispute):
    """Send the evidence as a person does, who asks first where it was possibly sent."""
    chargeback = chargebacks(env, [attempt])
    if chargeback.submit_state == "sending":
        chargeback._ask_provider()
    elif chargeback.submit_state == "none":
        chargeback._submit()


def hear_outcome(env, attempt, dispute):
    _script, outcome = dispute
    chargeback = chargebacks(env, [attempt])
    if chargeback.submit_state not in {"sent", "failed"}:
        return
    back = {"won": AMOUNT, "partly": PART, "lost": 0.0}[outcome]
    decided = chargeback.attempt_id.create_date.replace(microsecond=0) + timedelta(days=1)
    status = "lost" if outcome == "lost" else "won"
    receive(env, attempt, dispute, status, happened=decided, reinstated=back)


def follow_up(env):
    env["payment.chargeback"]._cron_follow_up()


def tell_customers(env):
    env["payment.card.notice"]._cron_send()


def empty_queue(env):
    """Have the host send what waits in its queue."""
    env["mail.mail"].process_email_queue()


def chargebacks(env, attempts):
    return env["payment.chargeback"].search([("attempt_id", "in", attempts)])


def is_open(env, attempts):
    found = chargebacks(env, attempts)
    return (
        len(found) < len(attempts)
        or any(not one.finished or one.state in {"warning", "open", "submitted"} for one in found)
        or env["payment.card.notice"].search_count([("state", "=", "to_send")])
        or env["mail.mail"].search_count([("state", "=", "outgoing")])
    )


if __name__ == "__main__":
    serve(sys.argv[1], {"prepare": prepare, "run": run}, hurry)
