# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A few messages of the demo company: sent, waiting, failed, stopped."""

from dataclasses import dataclass
from datetime import timedelta

from odoo import fields


@dataclass(frozen=True)
class Sample:
    """A message to the customer of one of the open cases, the largest first."""

    case: int
    template: str
    channel: str = "email"
    days_ago: int = 0
    becomes: str = "sent"
    error: str = ""
    code: str = ""


SAMPLES = (
    Sample(0, "mail_template_first", days_ago=21),
    Sample(0, "mail_template_second", days_ago=6),
    Sample(1, "mail_template_second", days_ago=9),
    Sample(2, "mail_template_first", days_ago=4),
    Sample(3, "mail_template_third", days_ago=2),
    Sample(4, "mail_template_letter_final", "letter", becomes="planned"),
    Sample(5, "mail_template_letter", "letter", becomes="planned"),
    Sample(
        6,
        "mail_template_second",
        days_ago=1,
        becomes="failed",
        error="The mail server answered: 550 mailbox unavailable.",
    ),
    Sample(
        7,
        "mail_template_third",
        days_ago=1,
        becomes="possibly_sent",
        error="The sending was interrupted. The message may have gone out: look whether it did, "
        "then say so or send it again.",
    ),
    Sample(
        8,
        "mail_template_second",
        days_ago=1,
        becomes="stopped",
        error="The customer called: the payment is on its way.",
        code="promise",
    ),
)


def load(company):
    """Write the samples, once, where the demo company has cases for them."""
    env = company.env
    Message = env["collection.message"].with_company(company)
    if Message.search_count([("company_id", "=", company.id)], limit=1):
        return
    cases = env["collection.case"].search(
        [("company_id", "=", company.id), ("state", "!=", "completed"), ("item_count", ">", 0)],
        order="amount_to_collect desc, id",
        limit=len(SAMPLES),
    )
    for sample in SAMPLES:
        if sample.case < len(cases):
            _write(Message, cases[sample.case], sample)


def _write(Message, case, sample):
    env = Message.env
    moment = fields.Datetime.now() - timedelta(days=sample.days_ago, hours=1)
    items = case.open_item_ids.filtered(lambda item: item.amount_residual > item.amount_blocked)
    [message] = Message._plan([
        {
            "profile_id": case.profile_id.id,
            "case_id": case.id,
            "channel": sample.channel,
            "template_id": env.ref(f"collection_message.{sample.template}").id,
            "kind": "overdue",
            "item_ids": [(6, 0, items.ids)],
            "planned_on": moment,
            "user_id": (case.debt_manager_id or env.user).id,
        }
    ])
    message._render_template(message.template_id, message.lang)
    if sample.becomes == "planned":
        return
    if sample.becomes == "stopped":
        message._set_state("stopped", error=sample.error)
        env["collection.gate.log"].create({
            "company_id": case.company_id.id,
            "profile_id": case.profile_id.id,
            "person_id": message.person_id.id,
            "channel": sample.channel,
            "code": sample.code,
            "reason": sample.error,
            "date": moment,
            "message_id": message.id,
            "user_id": message.user_id.id,
        })
        return
    message._create_mails()
    message._set_state("sending", sending_since=moment, attempts=1)
    if sample.becomes == "sent":
        message._set_state("sent", sent_on=moment)
        message._leave_contacts()
        message.mail_message_id.date = moment
    else:
        message._set_state(sample.becomes, error=sample.error)
        if sample.becomes == "failed":
            message._mail()._collection_mark_failed(sample.error)
        message._ask_person()
