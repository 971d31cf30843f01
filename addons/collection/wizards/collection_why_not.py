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
        compute_sudo=False,
        store=True,
        help="One line per instalment.",
    )

    line_count = fields.Integer("Number of Instalments", compute="_compute_answer")
    in_case_count = fields.Integer(
        "Instalments in a Case", compute="_compute_answer", help="How many are in an open case."
    )
    partner_id = fields.Many2one(
        related="move_id.commercial_partner_id", string="Customer", help="Who owes it."
    )

    profile_id = fields.Many2one(
        "collection.profile",
        "In Collections",
        compute="_compute_profile_id",
        help="The customer or branch that is chased, where the user may see it.",
    )

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _default_move_id(self):
        if self.env.context.get("active_model") == "account.move":
            return self.env.context.get("active_id")
        return False

    @api.depends("move_id")
    def _compute_profile_id(self):
        for wizard in self:
            # sudo: only to find the customer, shown to whoever may see it
            profile = wizard.move_id.sudo().collection_item_ids.profile_id[:1].sudo(False)
            wizard.profile_id = profile._filtered_access("read")

    @api.depends("move_id")
    def _compute_line_ids(self):
        for wizard in self:
            move = wizard.move_id
            move.check_access("read")
            # sudo: whoever reads the document may know why it is in no case, even where
            # somebody else looks after the customer
            explained = move.sudo()._explain_collection() if move else []
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
                    for line in explained
                ),
            ]

    @api.depends("line_ids.case_id")
    def _compute_answer(self):
        for wizard in self:
            wizard.line_count = len(wizard.line_ids)
            wizard.in_case_count = len(wizard.line_ids.filtered("case_id"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customer(self):
        """Open the screen of the document's customer."""
        self.ensure_one()
        return self.profile_id.action_open_customer_screen()


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

    def action_open_case(self):
        """Open the case the instalment is in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }
