# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The demo customers follow the shipped strategies, and a working day is half done."""

from datetime import datetime, time, timedelta

from odoo import fields

# who follows which strategy, and why
PREMIUM = ("il_carmel", "il_bluewave", "gr_meltemia")
CLASSES = {
    "a": ("il_ofek", "il_kfar", "il_inbar", "gr_papad"),
    "b": ("il_argaman", "il_galim", "il_alon"),
    "d": ("il_negev", "il_yr", "il_moshe", "gr_piraeus", "cy_technova"),
}
BY_HAND = {"gentle": ("il_nahshon",), "strict": ("il_hiyuch",)}
# of the worklist, highest score first: what a morning has come to
DONE = {
    1: "Spoke to the owner: the transfer is prepared and goes out today.",
    4: "Sent the two invoices again while on the phone; they pay with Thursday's run.",
}
SKIPPED = {
    6: "Their accountant called an hour ago; nothing new to say.",
}
# position → (days from now, hour, reason)
RESUBMITTED = {
    2: (1, 10.5, "Whoever signs is back tomorrow morning."),
    5: (3, 0.0, "Wait for their payment run at the end of the week."),
    9: (7, 0.0, "On holiday until next week."),
}


def load(company):
    """Choose strategies for the demo customers, run them, and work half a morning."""
    env = company.env
    if env["collection.action"].search_count([("company_id", "=", company.id)], limit=1):
        return
    profiles = _choose(env)
    if not profiles:
        return
    partners = env["collection.profile"].search([("company_id", "=", company.id)]).partner_id
    env["collection.cycle"].with_context(collection_plan=True)._run_for(company, partners)
    _carry_out(env, company)
    _work(env, company)
    # this was the run of today
    env["collection.cycle.run"].create({
        "company_id": company.id,
        "business_date": company._collection_today(),
        "state": "done",
        "finished_on": fields.Datetime.now(),
    })


def _choose(env):
    """Give the customers tags, classes and strategies; return those that there are."""
    profiles = env["collection.profile"]
    premium = env.ref("collection_strategy.category_premium")
    for profile in _profiles(env, PREMIUM):
        profile.commercial_partner_id.category_id = [(4, premium.id)]
        profiles |= profile
    for credit_class, names in CLASSES.items():
        found = _profiles(env, names)
        found.credit_class = credit_class
        profiles |= found
    for code, names in BY_HAND.items():
        found = _profiles(env, names)
        found.strategy_override_id = env.ref(f"collection_strategy.strategy_{code}")
        profiles |= found
    return profiles


def _profiles(env, names):
    profiles = env["collection.profile"]
    for name in names:
        profiles |= env.ref(f"collection.demo_profile_{name}", raise_if_not_found=False) or profiles
    return profiles


def _carry_out(env, company):
    """Do what the run does: messages wait for tomorrow morning, so that one can look at them."""
    Action = env["collection.action"]
    Action.search([("company_id", "=", company.id), *Action._due_domain()])._execute()
    waiting = env["collection.message"].search([
        ("company_id", "=", company.id),
        ("state", "=", "planned"),
        ("automatic", "=", True),
        ("channel", "!=", "letter"),
    ])
    morning = datetime.combine(company._collection_today() + timedelta(days=1), time(7))
    waiting.write({"planned_on": morning})


def _work(env, company):
    """Close and put off a few rows of each debt manager's worklist."""
    today = company._collection_today()
    rows = env["collection.action"].search(
        [
            ("company_id", "=", company.id),
            ("state", "=", "planned"),
            ("source", "=", "rule"),
            ("kind", "in", ("call", "escalate", "suggest_writeoff")),
        ],
        order="score desc, planned_for, id",
    )
    for position, row in enumerate(rows):
        action = row.with_user(row.responsible_id or env.user).sudo()
        if position in DONE:
            action._done(DONE[position])
        elif position in SKIPPED:
            action._skip(SKIPPED[position])
        elif position in RESUBMITTED:
            days, hour, reason = RESUBMITTED[position]
            action._resubmit(today + timedelta(days=days), reason, hour)
