# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.collection_message import STATEMENTS


class CollectionStatementWizard(models.TransientModel):
    """Make a statement of account: of which days, as PDF or Excel, to keep or to send."""

    _name = "collection.statement.wizard"
    _description = "Statement of Account"

    profile_id = fields.Many2one(
        "collection.profile",
        "Customer",
        required=True,
        readonly=True,
        default=lambda self: self._default_profile_id(),
    )
    company_id = fields.Many2one(related="profile_id.company_id", string="Company")
    case_id = fields.Many2one("collection.case", "Case", default=lambda self: self._context_case())
    kind = fields.Selection(
        STATEMENTS,
        "Kind",
        required=True,
        default="open_item",
        help="Open items: everything that is owed today. Activity: what moved between two days, "
        "with the balance before and after.",
    )
    date_from = fields.Date(
        "From",
        compute="_compute_dates",
        store=True,
        readonly=False,
        help="The first day of the activity; what was before is in the opening balance.",
    )
    date_to = fields.Date("To", compute="_compute_dates", store=True, readonly=False)
    has_branches = fields.Boolean("Has Branches", compute="_compute_has_branches")
    whole = fields.Boolean(
        "With All Branches",
        help="The customer with all its branches, also those that are chased apart.",
    )
    currency_id = fields.Many2one(
        "res.currency", "Only This Currency", help="All currencies, each apart, when empty."
    )
    lang = fields.Selection(
        "_lang_get", "Language", compute="_compute_lang", store=True, readonly=False
    )
    format = fields.Selection(
        [("pdf", "PDF"), ("xlsx", "Excel")], "Format", required=True, default="pdf"
    )
    file = fields.Binary("File", readonly=True, attachment=True)
    file_name = fields.Char("File Name", readonly=True)

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _lang_get(self):
        return self.env["res.lang"].get_installed()

    @api.model
    def _open(self, record):
        """Return the dialog for a customer or a case."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection_message.action_statement_wizard"
        )
        action["context"] = {
            "active_model": record._name,
            "active_id": record.id,
            "active_ids": record.ids,
        }
        return action

    @api.model
    def _context_record(self, model):
        context = self.env.context
        record = self.env[model]
        if context.get("active_model") == model:
            record = record.browse(context.get("active_id"))
            record.check_access("read")
        return record

    @api.model
    def _context_case(self):
        return self._context_record("collection.case")

    @api.model
    def _default_profile_id(self):
        profile = self._context_case().profile_id or self._context_record("collection.profile")
        partner = self._context_record("res.partner")
        if not profile and partner:
            profiles = self.env["collection.profile"].search([
                ("company_id", "=", self.env.company.id),
                ("partner_id", "in", (partner | partner.commercial_partner_id).ids),
            ])
            profile = profiles.filtered(lambda known: known.partner_id == partner) or profiles
            if not profile:
                raise UserError(
                    self.env._(
                        "%s is not in collections, or not one of yours.", partner.display_name
                    )
                )
        return profile[:1]

    @api.depends("profile_id", "kind")
    def _compute_dates(self):
        for wizard in self:
            today = (wizard.company_id or self.env.company)._collection_today()
            first, last = wizard.profile_id._statement_days("activity", None, None, today)
            wizard.date_from = wizard.date_from or first
            wizard.date_to = wizard.date_to or last

    @api.depends("profile_id")
    def _compute_lang(self):
        for wizard in self:
            wizard.lang = wizard.profile_id._statement_lang() if wizard.profile_id else False

    @api.depends("profile_id")
    def _compute_has_branches(self):
        for wizard in self:
            profile = wizard.profile_id
            wizard.has_branches = bool(profile) and (
                # sudo: only whether there are others
                self
                .env["collection.profile"]
                .sudo()
                .search_count(
                    [
                        ("company_id", "=", profile.company_id.id),
                        ("commercial_partner_id", "=", profile.commercial_partner_id.id),
                    ],
                    limit=2,
                )
                > 1
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def _options(self):
        self.ensure_one()
        activity = self.kind == "activity"
        return {
            "date_from": self.date_from if activity else None,
            "date_to": self.date_to if activity else None,
            "currency": self.currency_id,
            "whole": self.whole,
        }

    def action_download(self):
        """Make the statement and hand it to the browser."""
        name, content, _mimetype = self.profile_id._statement_file(
            self.kind, self.lang, self.format, **self._options()
        )
        # sudo: the file of the user's own dialog, which goes when the dialog does
        self.sudo().write({"file": base64.b64encode(content), "file_name": name})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{name}?download=true",
            "target": "download",
        }

    def action_send(self):
        """Open the dialog that writes to the customer, with the statement attached."""
        if self.env["collection.message.compose"].has_access("create"):
            attachment = self.profile_id._statement_attachment(
                self.kind, self.lang, self.format, **self._options()
            )
            return self.env["collection.message.compose"]._open(
                self.case_id or self.profile_id,
                channel="email",
                template_id=self.env.ref("collection_message.mail_template_statement").id,
                attach_statement=False,
                attachment_ids=[(6, 0, attachment.ids)],
                lang=self.lang,
            )
        raise UserError(self.env._("You may not write to customers."))
