# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import re

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, format_date

PLACEHOLDER = re.compile(r"\{([a-zA-Z_]*)\}")
# of many items the script names the oldest ones
ITEMS_NAMED = 5
# of more items than this the amount is read from the customer, in company currency
ITEMS_SUMMED = 200


class CollectionScript(models.Model):
    """What a debt manager says on the phone at one step of a strategy."""

    _name = "collection.script"
    _description = "Call Script"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    active = fields.Boolean("Active", default=True)
    sequence = fields.Integer("Sequence", default=10)
    company_id = fields.Many2one(
        "res.company", "Company", help="Empty: the script serves all companies."
    )
    body = fields.Html(
        "What to Say",
        translate=True,
        help="May contain placeholders: who is called, what is owed, how late it is.",
    )
    minutes = fields.Integer(
        "Expected Minutes", default=5, help="How long such a call takes, to plan the day."
    )
    placeholder_help = fields.Html(
        "Placeholders", compute="_compute_placeholder_help", help="What a script may contain."
    )
    preview_profile_id = fields.Many2one(
        "collection.profile",
        "Preview for",
        store=False,
        help="Shows the script as it would be read to this customer.",
    )
    preview_lang = fields.Selection(
        "_lang_get", "Preview in", store=False, help="Empty: the language of the customer."
    )
    preview = fields.Html("Preview", compute="_compute_preview", sanitize=False)

    _minutes_positive = models.Constraint(
        "CHECK (minutes IS NULL OR minutes >= 0)", "A call cannot take less than no time."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _lang_get(self):
        return self.env["res.lang"].get_installed()

    @api.depends_context("lang")
    def _compute_placeholder_help(self):
        rows = Markup("").join(
            Markup("<li><code>{%s}</code> %s</li>") % (name, words)
            for name, words in self._placeholders().items()
        )
        self.placeholder_help = Markup("<ul class='mb-0'>%s</ul>") % rows

    @api.depends("body", "preview_profile_id", "preview_lang")
    def _compute_preview(self):
        for script in self:
            profile = script.preview_profile_id._origin
            if not profile or not script.body:
                script.preview = False
                continue
            script.preview = script._render(
                script._values_for(profile, lang=script.preview_lang),
                body=script.body,
            )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("body")
    def _check_placeholders(self):
        known = self._placeholders()
        for script in self:
            for name in PLACEHOLDER.findall(script.body or ""):
                if name not in known:
                    raise ValidationError(
                        self.env._(
                            "“%(script)s” contains the unknown placeholder {%(name)s}. There are: "
                            "%(known)s.",
                            script=script.name,
                            name=name,
                            known=", ".join(f"{{{key}}}" for key in known),
                        )
                    )

    # ------------------------------------------------------------
    # RENDERING
    # ------------------------------------------------------------

    @api.model
    def _placeholders(self):
        """Return {placeholder: what it stands for}; add-ons add their own."""
        return {
            "customer": self.env._("the customer"),
            "person": self.env._("the person who is called"),
            "amount": self.env._("what is to be collected"),
            "days": self.env._("days the oldest item is late"),
            "due_date": self.env._("due date of the oldest item"),
            "count": self.env._("number of items"),
            "items": self.env._("the items: number, due date and open amount"),
            "agreed_date": self.env._("the day a payment was last agreed for"),
            "agreed_amount": self.env._("the amount that was last agreed"),
            "user": self.env._("who calls"),
            "company": self.env._("your company"),
        }

    @api.model
    def _values_for(self, profile, case=None, person=None, items=None, lang=None):
        """Return {placeholder: text} for a call to a customer.

        :param case: the case it is about, if any
        :param person: who is called; the one who pays, unless said
        :param items: the items it is about; all that are due, unless said
        :param str lang: the language; the customer's unless said
        """
        case = case or profile.open_case_ids[:1]
        person = person or profile._message_person("phone", case)
        lang = self._language_for(profile, person, lang)
        # sudo: a script reads names and amounts of the customer it is read to
        profile, case, person = (
            record.sudo().with_context(lang=lang)
            for record in (profile, case or self.env["collection.case"], person)
        )
        env = profile.env
        items = (items or profile.env["collection.item"]).sudo().with_context(lang=lang)
        if not items:
            items = self._due_items(profile, case)
        source = case or profile
        oldest = source.oldest_due_date
        if items:
            dates = [item.date_due for item in items if item.date_due]
            oldest = min(dates, default=oldest)
        today = profile.company_id._collection_today()
        return {
            "lang": lang,
            "customer": profile.partner_id.name or profile.partner_id.display_name,
            "person": person.name or profile.partner_id.name or "",
            "amount": self._amount_text(env, source, items),
            "days": str(max((today - oldest).days, 0) if oldest else 0),
            "due_date": format_date(env, oldest) if oldest else "",
            "count": str(len(items)),
            "items": self._items_text(env, items),
            "agreed_date": format_date(env, case.agreed_date) if case.agreed_date else "",
            "agreed_amount": format_amount(env, case.agreed_amount, case.currency_id)
            if case.agreed_amount
            else "",
            "user": self.env.user.name,
            "company": profile.company_id.name,
        }

    @api.model
    def _language_for(self, profile, person, lang=None):
        """Return the language a customer is spoken to in, of those that are installed."""
        installed = dict(self.env["res.lang"].get_installed())
        # sudo: the language of the person
        wishes = (lang, person.sudo().lang, profile.sudo().partner_id.lang, self.env.lang)
        return next((wish for wish in wishes if wish in installed), "en_US")

    @api.model
    def _due_items(self, profile, case):
        """Return the items a call is about unless something else is said: those that are due."""
        domain = [
            ("profile_id", "=", profile.id),
            ("state", "=", "open"),
            ("side", "=", "debit"),
            ("date_due", "<=", profile.company_id._collection_today()),
        ]
        if case:
            domain.append((
                "case_item_ids",
                "any",
                [("case_id", "=", case.id), ("open", "=", True)],
            ))
        return profile.env["collection.item"].search(domain, limit=ITEMS_SUMMED + 1)

    @api.model
    def _amount_text(self, env, source, items):
        """Return what is to be collected, in the currencies of the documents where they are few."""
        totals = {}
        if len(items) <= ITEMS_SUMMED:
            for item in items:
                currency = item.currency_id
                totals[currency] = totals.get(currency, 0.0) + item.amount_residual_currency
        if len(totals) > 1:
            return " + ".join(format_amount(env, total, money) for money, total in totals.items())
        amount = sum(items.mapped("amount_to_collect")) if totals else source.amount_to_collect
        currency = source.currency_id
        if totals and currency not in totals:
            [(currency, amount)] = totals.items()
        return format_amount(env, amount or source.amount_to_collect, currency)

    @api.model
    def _items_text(self, env, items):
        """Return the oldest items as a list, and how many more there are."""
        oldest = items.sorted(lambda item: (item.date_due or fields.Date.today(), item.id))
        lines = [
            Markup("<li><bdi>%s</bdi>, %s: <bdi>%s</bdi></li>")
            % (
                item.display_name,
                format_date(env, item.date_due),
                format_amount(env, item.amount_residual_currency, item.currency_id),
            )
            for item in oldest[:ITEMS_NAMED]
        ]
        more = len(items) - len(lines)
        if more > 0:
            lines.append(Markup("<li>%s</li>") % env._("and %s more", more))
        return Markup("<ul>%s</ul>") % Markup("").join(lines) if lines else ""

    def _render(self, values, body=None):
        """Return the script with its placeholders filled in, in the language of ``values``.

        :param dict values: see :meth:`_values_for`
        :param body: a text that is not saved yet
        """
        self.ensure_one()
        # sudo: the words of a script are no secret to whoever makes the call
        text = body or self.sudo().with_context(lang=values["lang"]).body or ""

        def fill(match):
            value = values.get(match.group(1))
            # what is not known is left for whoever reads it
            return match.group(0) if value is None else str(escape(value or "…"))

        # the text is cleaned when it is saved, the values are escaped
        return Markup(PLACEHOLDER.sub(fill, str(text)))
