# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).


def post_init_hook(env):
    """Say of amounts that were charged in vain before for which period they are owed."""
    items = env["collection.item"].search([
        ("charge_attempt_id.recurring_period_id", "!=", False),
        ("state", "=", "open"),
    ])
    names = items.charge_attempt_id._debt_names()
    for item in items:
        item.description = names[item.charge_attempt_id]
