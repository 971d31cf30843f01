# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """Leave nothing behind that names a model which is gone; the documents issued stay."""
    env["payment.charge.way"].with_context(active_test=False).search([
        ("res_model", "=", "recurring.document")
    ]).write({"active": False})
    env["payment.charge.attempt"].search([
        ("res_model", "=", "recurring.document"),
        ("state", "=", "planned"),
    ]).action_cancel()
    env["ir.filters"].search([("model_id", "=like", "recurring.%")]).unlink()
    env["ir.exports"].search([("resource", "=like", "recurring.%")]).unlink()
