# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tools import SQL


def post_init_hook(env):
    """Make ways to charge of the cards that customers have saved already."""
    for token in env["payment.token"].search([("active", "=", True)]):
        env["payment.charge.way"]._of_token(token)


def uninstall_hook(env):
    """Let the tables go as a whole: the host would delete reasons one by one, and trip over uses.

    What was charged stays in the books and in the host's transactions.
    """
    env.cr.execute(
        SQL(
            """
            DELETE FROM ir_model_data
             WHERE module = 'payment_charge'
               AND (starts_with(model, 'payment.charge.') OR starts_with(model, 'payment.reason'))
            """
        )
    )
    env["ir.filters"].search([("model_id", "=like", "payment.charge.%")]).unlink()
    env["ir.exports"].search([("resource", "=like", "payment.charge.%")]).unlink()
    env.invalidate_all()
