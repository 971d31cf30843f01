# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from . import controllers
from . import models

from odoo.addons.payment import reset_payment_provider, setup_provider


def post_init_hook(env):
    """Give every company its own provider."""
    setup_provider(env, "sumit")


def uninstall_hook(env):
    """Switch the providers off and take the code away from them.

    A provider that was used stays, as the host's own ones do: its transactions and saved cards
    belong to it. Only an unused one goes with the add-on.
    """
    reset_payment_provider(env, "sumit")
    provider = env.ref("payment_sumit.payment_provider_sumit", raise_if_not_found=False)
    used = provider and any(
        env[model]
        .with_context(active_test=False)
        .search_count([("provider_id", "=", provider.id)], limit=1)
        for model in ("payment.transaction", "payment.token")
    )
    if used:
        env["ir.model.data"].search([
            ("module", "=", "payment_sumit"),
            ("name", "=", "payment_provider_sumit"),
        ]).unlink()
