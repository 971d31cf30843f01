# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models


class CollectionWhyNotWizard(models.TransientModel):
    """Tell for each instalment of an invoice whether it is in a case, and why not."""

    _name = "collection.why.not.wizard"
    _description = "Why Is This Not in a Case?"

    move_id = fields.Many2one(
        "account.move",
        "Document",
        required=True,
        readonly=True,
        default=lambda self: self._default_move_id(),
        help="The document in question.",
    )
    line_ids = fields.One2many(
        "collection.why.not.line",
        "wizard_id",
        "Instalments",
        compute="_compute_line_ids",
        store=True,
        help="One line per instalment.",
    )

    @api.model
    def _default_move_id(self):
        if self.env.context.get("active_model") == "account.move":
            return self.env.context.get("active_id")
        return False

    @api.depends("move_id")
    def _compute_line_ids(self):
        for wizard in self:
            move = wizard.move_id
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create({
                        "name": line["name"],
                        "date_due": line["date_due"],
                        "amount_residual": line["amount_residual"],
                        "case_id": line["case"].id,
                        "reasons": "\n".join(line["reasons"]),
                    })
                    for line in (move._explain_collection() if move else [])
                ),
            ]

    def action_open_customer(self):
        """Open the screen of the document's customer."""
        self.ensure_one()
        profile = self.move_id.collection_item_ids.profile_id[:1]
        if profile:
            return profile.action_open_customer_screen()
        return self.move_id.partner_id.action_open_collection_customer()


class CollectionWhyNotLine(models.TransientModel):
    """The answer for one instalment."""

    _name = "collection.why.not.line"
    _description = "Why an Instalment Is Not in a Case"

    wizard_id = fields.Many2one(
        "collection.why.not.wizard",
        "Wizard",
        required=True,
        ondelete="cascade",
        help="The dialog the line is in.",
    )
    name = fields.Char("Instalment", help="The document, and which of its instalments.")
    date_due = fields.Date("Due Date", help="The date it is, or was, to be paid.")
    currency_id = fields.Many2one(
        related="wizard_id.move_id.company_id.currency_id", string="Currency"
    )
    amount_residual = fields.Monetary("Open Amount", help="What is still owed.")
    case_id = fields.Many2one("collection.case", "Case", help="The open case it is in.")
    reasons = fields.Text("Why Not", help="Everything that keeps it out of a case.")
