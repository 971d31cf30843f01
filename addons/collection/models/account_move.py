# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from .res_partner import COLLECTION_GROUPS


class AccountMove(models.Model):
    _inherit = "account.move"

    collection_item_ids = fields.One2many(
        "collection.item", "move_id", "Collection Items", readonly=True, groups=COLLECTION_GROUPS
    )
    collection_note_ids = fields.One2many(
        "collection.note", "move_id", "Collection Notes", groups=COLLECTION_GROUPS
    )
    collection_case_count = fields.Integer(
        "Collection Cases",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_case_count",
        help="Cases the document is in now, or was in.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("collection_item_ids.case_item_ids")
    def _compute_collection_case_count(self):
        # sudo: how many cases a document the user may read is in
        Membership = self.env["collection.case.item"].sudo()
        groups = Membership._read_group(
            [("item_id.move_id", "in", self.ids)], ["item_id"], ["case_id:array_agg"]
        )
        cases = {}
        for item, case_ids in groups:
            cases.setdefault(item.move_id.id, set()).update(case_ids)
        for move in self:
            move.collection_case_count = len(cases.get(move._origin.id, ()))

    @api.depends_context("uid")
    def _compute_display_send_button(self):
        result = super()._compute_display_send_button()
        # who reads documents without an accounting role has no use of the dialogue behind it
        if not self.env["account.move.send.wizard"].has_access("create"):
            self.display_send_button = False
        return result

    # ------------------------------------------------------------
    # CRUD: WHAT CHANGES WHO OWES WHAT
    # ------------------------------------------------------------

    @api.model
    def _collection_touching_fields(self):
        """Return the names of the fields whose change is followed at once."""
        return {
            "state",
            "partner_id",
            "commercial_partner_id",
            "name",
            "ref",
            "date",
            "invoice_date",
            "line_ids",
        }

    def write(self, vals):
        touching = not self._collection_touching_fields().isdisjoint(vals)
        if touching:
            self.env["collection.cycle"]._touch_partners(self._collection_partner_ids())
        result = super().write(vals)
        if touching:
            self.env["collection.cycle"]._touch_moves(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_touch_collection(self):
        self.env["collection.cycle"]._touch_partners(self._collection_partner_ids())

    def _collection_partner_ids(self):
        """Return the ids of the customers whose items these documents have."""
        # sudo: which customers have to be computed again, not shown to anybody
        return self.sudo().collection_item_ids.profile_id.commercial_partner_id.ids

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_collection_cases(self):
        """Show the collection case of the document, or a list where it has been in several."""
        self.ensure_one()
        cases = self.env["collection.case"].search([
            ("case_item_ids.item_id.move_id", "=", self.id)
        ])
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_case")
        action["context"] = {"create": False}
        if len(cases) == 1:
            action.update({"res_id": cases.id, "views": [(False, "form")]})
        else:
            action["domain"] = [("id", "in", cases.ids)]
        return action

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _explain_collection(self):
        """Tell for each receivable line of the document whether it is in a case, else why not.

        :return: list of dicts ``name``, ``date_due``, ``amount_residual``, ``case`` (record,
            may be empty) and ``reasons`` (list of sentences)
        """
        self.ensure_one()
        items = self.collection_item_ids.filtered("move_line_id").sorted("instalment")
        if self.state != "posted" or not items:
            return [
                {
                    "name": self.display_name,
                    "date_due": self.invoice_date_due,
                    "amount_residual": 0.0,
                    "case": self.env["collection.case"],
                    "reasons": [self._why_no_collection_item()],
                }
            ]
        return [
            {
                "name": item.display_name,
                "date_due": item.date_due,
                "amount_residual": item.amount_residual,
                "case": item.case_id,
                "reasons": []
                if item.case_id
                else [item._reason_text(code) for code in codes]
                or [self.env._("Nothing stands against it: the next run puts it in a case.")],
            }
            for item, codes in items._reasons_against_case().items()
        ]

    def _why_no_collection_item(self):
        """Return in words why the document has no open items."""
        self.ensure_one()
        if self.state != "posted":
            return self.env._("The document is not posted.")
        lines = self.line_ids.filtered(
            lambda line: line.account_id in self.company_id._collection_receivable_accounts()
        )
        if not lines:
            return self.env._("The document has no line on a trade receivable account.")
        if all(line.reconciled for line in lines):
            return self.env._("It is settled.")
        if not any(line.partner_id for line in lines):
            return self.env._("The document names no customer.")
        return self.env._("The ledger has not been read yet: the next run does.")
