# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    charge_way_ids = fields.One2many(
        "payment.charge.way",
        "partner_id",
        "Ways to Charge",
        domain=[("res_model", "=", False)],
        groups="payment_charge.group_charge_operator,payment_charge.group_charge_auditor,"
        "account.group_account_invoice",
    )
    charge_hold = fields.Boolean(
        "No Charges",
        company_dependent=True,
        help="Nothing is charged to this customer, by hand neither, until this is taken away.",
        groups="payment_charge.group_charge_operator,payment_charge.group_charge_auditor,"
        "account.group_account_invoice",
    )
    charge_count = fields.Integer("Number of Charges", compute="_compute_charge_count")
    charge_failed_count = fields.Integer(
        "Failed Charges to Look at", compute="_compute_charge_count"
    )

    @api.depends_context("company")
    def _compute_charge_count(self):
        partners = self.commercial_partner_id
        Attempt = self.env["payment.charge.attempt"]
        if not Attempt.has_access("read"):
            self.charge_count = self.charge_failed_count = 0
            return
        domain = [("partner_id", "in", partners.ids), ("company_id", "in", self.env.companies.ids)]
        counts = dict(Attempt._read_group(domain, ["partner_id"], ["__count"]))
        failed = dict(
            Attempt._read_group(
                [*domain, ("needs_attention", "=", True)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.charge_count = counts.get(partner.commercial_partner_id, 0)
            partner.charge_failed_count = failed.get(partner.commercial_partner_id, 0)

    def _charge_all_ways(self, company, source=None, lists=None):
        """Return the customer's ways in order, in force or not.

        :param source: a record, such as a standing order, that may have a list of its own
        :param lists: for many customers, what ``payment.charge.way._lists_of`` said of them
        """
        self.ensure_one()
        # sudo: charging goes by the customer's list, whoever asked for the charge
        Way = self.env["payment.charge.way"].sudo()
        partner = self.commercial_partner_id
        lists = Way._lists_of(partner) if lists is None else lists
        own = source and lists.get((company.id, partner.id, source._name, source.id))
        return own or lists.get((company.id, partner.id, False, False)) or Way

    def _charge_ways(self, company, source=None, lists=None):
        """Return the ways that can be charged today, the first one first.

        The parameters are those of :meth:`_charge_all_ways`.
        """
        return self._charge_all_ways(company, source, lists).filtered("in_force")

    def action_open_charge_screen(self):
        """Open the charging screen for the customer."""
        self.ensure_one()
        return self.env["payment.charge.screen"]._open(partner=self.commercial_partner_id)

    def action_open_charges(self):
        """List the charges of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_attempt")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"create": False}
        return action

    def action_open_charge_ways(self):
        """List the ways to charge the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_way")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action
