# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tools import SQL


def pre_init_hook(env):
    """Take the reasons back that an earlier installation left behind."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
            SELECT 'payment_chargeback', 'reason_' || code, 'payment.reason', id, TRUE
              FROM payment_reason
             WHERE starts_with(code, 'chargeback_')
                ON CONFLICT DO NOTHING
            """
        )
    )


def post_init_hook(env):
    """Take over what providers' add-ons know of the cards that are saved already."""
    env["payment.token"].with_context(active_test=False).search([])._card_take_known()


def uninstall_hook(env):
    """Leave the reasons of chargebacks behind: charges that were returned name them."""
    env.cr.execute(
        SQL(
            """
            DELETE FROM ir_model_data
             WHERE module = 'payment_chargeback' AND model = 'payment.reason'
            """
        )
    )
    env["ir.sequence"].search([("code", "=", "payment.chargeback")]).unlink()
    models = ("payment.chargeback%", "payment.provider.event", "payment.card.notice")
    for model in models:
        env["ir.filters"].search([("model_id", "=like", model)]).unlink()
        env["ir.exports"].search([("resource", "=like", model)]).unlink()
