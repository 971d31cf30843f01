# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """Take along the sequences that were made for each company."""
    env["ir.sequence"].search([
        ("code", "in", ("payment.request.proforma", "payment.request.request"))
    ]).unlink()
