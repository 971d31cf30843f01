# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from ..core.eligibility import ItemFacts, Rule, reasons_against


class AccountMove(models.Model):
    _inherit = "account.move"

    collection_item_ids = fields.One2many(
        "collection.item", "move_id", "Collection Items", readonly=True
    )
    collection_note_ids = fields.One2many("collection.note", "move_id", "Collection Notes")
    collection_case_count = fields.Integer(
        "Collection Cases",
        compute="_compute_collection_case_count",
        help="Cases the document is in now, or was in.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("collection_item_ids.case_item_ids")
    def _compute_collection_case_count(self):
        # sudo: how many cases a document the user may read is in
        groups = self.env["collection.case.item"].sudo()._read_group(
            [("item_id.move_id", "in", self.ids)],
            ["item_id"],
            ["case_id:array_agg"],
        )
        cases = {}
        for item, case_ids in groups:
            cases.setdefault(item.move_id.id, set()).update(case_ids)
        for move in self:
            move.collection_case_count = len(cases.get(move._origin.id, ()))

    # ------------------------------------------------------------
    # CRUD: WHAT CHANGES WHO OWES WHAT
    # ------------------------------------------------------------

    @api.model
    def _collection_touching_fields(self):
        """Return the names of the fields whose change is followed at once."""
        return {"state", "partner_id", "commercial_partner_id", "name", "ref", "line_ids"}

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
        cases = self.env["collection.case"].search(
            [("case_item_ids.item_id.move_id", "=", self.id)]
        )
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
        company = self.company_id
        if self.state != "posted":
            return [
                {
                    "name": self.display_name,
                    "date_due": self.invoice_date_due,
                    "amount_residual": 0.0,
                    "case": self.env["collection.case"],
                    "reasons": [self.env._("The document is not posted.")],
                }
            ]
        items = self.collection_item_ids.sorted("instalment")
        if not items:
            return [
                {
                    "name": self.display_name,
                    "date_due": self.invoice_date_due,
                    "amount_residual": 0.0,
                    "case": self.env["collection.case"],
                    "reasons": [
                        self.env._("The document has no line on a trade receivable account.")
                    ],
                }
            ]
        rule = Rule(
            live=company.collection_live,
            today=company._collection_today(),
            days_late=company.collection_days_late,
            minimum=company.collection_min_amount,
        )
        in_scope = (
            items.commercial_partner_id.filtered_domain(company._collection_customer_domain())
        )
        explained = []
        for item in items:
            profile = item.profile_id
            facts = ItemFacts(
                state=item.state,
                side=item.side,
                date_due=item.date_due,
                residual=item.amount_residual,
                blocked=item.amount_blocked,
                keep_out_until=item.keep_out_until,
                takes_part=profile.takes_part,
                held=profile.is_held,
                in_scope=profile.commercial_partner_id in in_scope,
                has_open_case=any(
                    case.origin == "auto" and case.kind == "overdue"
                    for case in profile.open_case_ids
                ),
                customer_total=profile._collection_late_total(),
            )
            explained.append({
                "name": item.display_name,
                "date_due": item.date_due,
                "amount_residual": item.amount_residual,
                "case": item.case_id,
                "reasons": []
                if item.case_id
                else [item._reason_text(code) for code in reasons_against(facts, rule)]
                or [self.env._("Nothing stands against it: the next run puts it in a case.")],
            })
        return explained
