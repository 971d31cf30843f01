# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core import cards
from .payment_chargeback import LIVE

CARD_STATES = [
    ("good", "Good"),
    ("unknown", "Expiry Unknown"),
    ("expiring", "Expires Soon"),
    ("expired", "Expired"),
    ("declined", "Barred or Refused for Good"),
    ("disputed", "Disputed"),
    ("cancelled", "Cancelled or Replaced"),
]
# the first one that is true is the state of a card
PRIORITY = ("cancelled", "disputed", "declined", "expired", "expiring", "unknown")
AT_RISK = ("expiring", "expired", "declined", "disputed", "cancelled")
# fields of providers' add-ons that tell of a card: month, year, network
KEPT_BY = {"sumit": ("sumit_expiry_month", "sumit_expiry_year", "sumit_brand")}


class PaymentToken(models.Model):
    _inherit = "payment.token"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    card_expiry_month = fields.Integer("Good until the Month", readonly=True)
    card_expiry_year = fields.Integer("Good until the Year", readonly=True)
    card_expires_on = fields.Date(
        "Good Until",
        compute="_compute_card_expires_on",
        store=True,
        index="btree_not_null",
        help="The last day of the month that is printed on the card.",
    )
    card_network = fields.Char("Network", readonly=True, help="Such as Visa, as the provider says.")
    card_last4 = fields.Char("Last Digits", readonly=True, size=4)
    card_state = fields.Selection(
        CARD_STATES,
        "State of the Card",
        compute="_compute_card_state",
        search="_search_card_state",
    )
    card_updated_on = fields.Datetime(
        "Updated On", readonly=True, copy=False, help="When the provider last changed it."
    )
    card_cancelled_on = fields.Datetime(
        "Cancelled On", readonly=True, copy=False, help="By the bank, or replaced by another card."
    )
    card_replaced_by_id = fields.Many2one(
        "payment.token", "Replaced By", readonly=True, copy=False, index="btree_not_null"
    )
    charge_way_ids = fields.One2many(
        "payment.charge.way",
        "token_id",
        "Ways to Charge",
        groups="payment_charge.group_charge_operator,payment_charge.group_charge_auditor,"
        "account.group_account_invoice",
    )
    chargeback_ids = fields.One2many(
        "payment.chargeback",
        "token_id",
        "Chargebacks",
        groups="payment_charge.group_charge_operator,payment_charge.group_charge_auditor,"
        "account.group_account_invoice",
    )
    card_notice_ids = fields.One2many(
        "payment.card.notice",
        "token_id",
        "Messages",
        groups="payment_charge.group_charge_operator,payment_charge.group_charge_auditor,"
        "account.group_account_invoice",
    )
    card_told = fields.Selection(
        selection=lambda self: (
            self.env["payment.card.notice"]._fields["state"]._description_selection(self.env)
        ),
        string="Message to the Customer",
        compute="_compute_card_told",
        compute_sudo=True,
    )
    card_used_for = fields.Integer(
        "Ways",
        compute="_compute_card_told",
        compute_sudo=True,
        help="In how many lists of ways to charge the card stands.",
    )

    _card_month = models.Constraint(
        "CHECK (card_expiry_month IS NULL OR card_expiry_month BETWEEN 0 AND 12)",
        "A card expires in a month from 1 to 12.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("card_expiry_month", "card_expiry_year")
    def _compute_card_expires_on(self):
        for token in self:
            token.card_expires_on = cards.last_day(token.card_expiry_month, token.card_expiry_year)

    @api.depends("card_expires_on", "card_cancelled_on", "active")
    def _compute_card_state(self):
        self.card_state = "good"
        left = self
        # sudo: how a card fares is told to whoever may see the card
        Token = self.sudo().with_context(active_test=False)
        for state in PRIORITY:
            found = Token.search(Domain("id", "in", left.ids) & self._card_condition(state))
            here = left.filtered(lambda one, found=found: one.id in found._ids)
            here.card_state = state
            left -= here
            if not left:
                break

    def _search_card_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._card_state_domain(state) for state in value)

    @api.model
    def _card_state_domain(self, state):
        """Return which cards are in a state: its own condition, and none of those before it."""
        conditions = {one: self._card_condition(one) for one in PRIORITY}
        if state not in conditions:
            return Domain.AND(~condition for condition in conditions.values())
        before = PRIORITY[: PRIORITY.index(state)]
        return conditions[state] & Domain.AND(~conditions[one] for one in before)

    @api.model
    def _card_condition(self, state):
        """Return the condition of a state, whatever other ones are true."""
        if state == "cancelled":
            return Domain("card_cancelled_on", "!=", False)
        if state == "disputed":
            states = (*LIVE, "lost", "partly")
            return Domain("chargeback_ids", "any!", [("state", "in", states)])
        if state == "declined":
            refused = Domain("last_result", "in", ("failed", "returned")) & Domain(
                "last_reason_id.reason_class", "=", "never"
            )
            return Domain(
                "charge_way_ids",
                "any!",
                Domain("active", "=", True) & (Domain("blocked_on", "!=", False) | refused),
            )
        if state == "unknown":
            return Domain("card_expires_on", "=", False)
        # sudo: the clocks and rules of companies
        companies = self.env["res.company"].sudo().search([("id", "!=", False)])
        by_days = defaultdict(list)
        for company in companies:
            today = company._charge_today()
            days = max(company.card_expiry_days, 0)
            by_days[today, fields.Date.add(today, days=days)].append(company.id)
        if state == "expired":
            return Domain.OR(
                Domain("company_id", "in", ids) & Domain("card_expires_on", "<", today)
                for (today, _until), ids in by_days.items()
            )
        return Domain.OR(
            Domain("company_id", "in", ids) & Domain("card_expires_on", "<=", until)
            for (_today, until), ids in by_days.items()
        )

    def _compute_card_told(self):
        Notice = self.env["payment.card.notice"]
        latest = {
            token: Notice.browse(newest)
            for token, newest in Notice._read_group(
                [("token_id", "in", self.ids)], ["token_id"], ["id:max"]
            )
        }
        ways = dict(
            self.env["payment.charge.way"]._read_group(
                [("token_id", "in", self.ids)], ["token_id"], ["__count"]
            )
        )
        for token in self:
            token.card_told = latest.get(token, Notice).state
            token.card_used_for = ways.get(token, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        tokens = super().create(vals_list)
        tokens._card_take_known()
        return tokens

    def write(self, vals):
        res = super().write(vals)
        kept = {name for names in KEPT_BY.values() for name in names}
        if kept & set(vals):
            self._card_take_known()
        return res

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_edit_card(self):
        """Open the dialogue in which a person types what a provider does not tell."""
        self.ensure_one()
        self.env["payment.charge.attempt"]._check_operator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Expiry of the Card"),
            "res_model": "payment.card.edit",
            "view_mode": "form",
            "target": "new",
            "context": {"default_token_id": self.id},
        }

    def action_open_charge_ways(self):
        """List the ways by which the card is charged."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_way")
        action["domain"] = [("token_id", "=", self.id)]
        action["context"] = {"create": False, "active_test": False}
        return action

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _card(self):
        """Return what is known of the card."""
        self.ensure_one()
        return cards.Card(
            self.card_expiry_month,
            self.card_expiry_year,
            self.card_network or "",
            self.card_last4 or "",
        )

    def _card_write(self, card):
        """Note what is known of the card; what is not known stays as it was."""
        self.ensure_one()
        card |= self._card()
        if card == self._card():
            return
        if card.month and not 1 <= card.month <= 12:
            raise ValidationError(self.env._("A card expires in a month from 1 to 12."))
        vals = {
            "card_expiry_month": card.month,
            "card_expiry_year": card.year,
            "card_network": card.network,
            "card_last4": card.last4,
        }
        if self.card_last4 and self.payment_details and card.last4 != self.card_last4:
            # the customer sees the new digits in the portal
            vals["payment_details"] = self.payment_details.replace(self.card_last4, card.last4)
        self.sudo().write(vals)  # sudo: cards are written by the system

    def _card_take_known(self):
        """Take over what the provider's add-on keeps of the cards in fields of its own."""
        for token in self.sudo():  # sudo: see _card_write
            code = token.provider_code
            card = cards.Card()
            if code in KEPT_BY and KEPT_BY[code][0] in token._fields:
                month, year, network = (token[name] for name in KEPT_BY[code])
                card = cards.Card(month or 0, cards.full_year(year), network or "")
                if card.month and not 1 <= card.month <= 12:
                    card = cards.Card(network=card.network)
            if token._card_is_card():
                method = token.payment_method_id
                brand = method.code if method.primary_payment_method_id else ""
                card |= token._card()
                card |= cards.Card(0, 0, brand, cards.last_digits(token.payment_details))
            token._card_write(card)

    def _card_is_card(self):
        """Tell whether the token stands for a card, and not for a bank account."""
        self.ensure_one()
        method = self.payment_method_id
        return (method.primary_payment_method_id or method).code in {"card", "unknown", "demo"}

    @api.model
    def _card_find(self, provider, ref):
        """Return the tokens of a provider that a change is about, archived ones among them.

        Providers whose name for a card is not the token's reference extend this.
        """
        # sudo: whoever speaks for a provider was made sure of before
        Token = self.sudo().with_context(active_test=False)
        return Token.search([("provider_id", "=", provider.id), ("provider_ref", "=", ref)])

    def _card_new_values(self, update):
        """Return the values of the token that takes the place of this one.

        Providers whose tokens hold more than a reference extend this.
        """
        self.ensure_one()
        return {"provider_ref": update.new_ref}

    @api.model
    def _card_apply(self, provider, update):
        """Follow a change of saved cards that a provider tells.

        :param update: a :class:`~odoo.addons.payment_chargeback.core.cards.CardUpdate`
        :return: the tokens it is about, and whether it was older than what is known of them
        """
        tokens = self._card_find(provider, update.token_ref)
        current = tokens.filtered(
            lambda one: not one.card_updated_on or one.card_updated_on <= update.happened
        )
        for token in current:
            if update.change == cards.CANCELLED:
                token._card_cancel(update.happened)
            elif update.change == cards.REPLACED and update.new_ref != update.token_ref:
                token._card_replace(update)
            else:
                token._card_renew(update)
        return tokens, bool(tokens) and not current

    def _card_renew(self, update):
        """Note the new expiry and digits of a card that keeps its token: its ways stay."""
        self.ensure_one()
        before = self._card()
        self.card_updated_on = update.happened
        self._card_write(update.card)
        if self._card() != before:
            self._card_log(
                self.env._(
                    "The bank renewed a saved card: %(card)s, good until %(day)s.",
                    card=self.display_name,
                    day=format_date(self.env, self.card_expires_on) or "?",
                )
            )

    def _card_replace(self, update):
        """Put the new card in the place of the old one in every list of ways, in its order."""
        self.ensure_one()
        new = self._card_find(self.provider_id, update.new_ref).filtered(
            lambda one: one.active and one.partner_id == self.partner_id
        )[:1]
        if not new:
            # its own expiry, not that of the old one
            empty = {
                "card_expiry_month": 0,
                "card_expiry_year": 0,
                "card_last4": False,
                "card_network": self.card_network,
                "payment_details": update.card.last4 or False,
            }
            new = self.with_context(card_replaces=self.id).copy({
                **empty,
                **self._card_new_values(update),
            })
        new._card_write(update.card)
        new.card_updated_on = update.happened
        self.env["payment.charge.way"]._replace_card(self, new)
        self.write({
            "card_updated_on": update.happened,
            "card_cancelled_on": update.happened,
            "card_replaced_by_id": new.id,
            "active": False,
        })
        self._card_log(
            self.env._(
                "The bank replaced the saved card %(old)s by %(new)s.",
                old=self.display_name,
                new=new.display_name,
            )
        )

    def _card_cancel(self, moment):
        """End the use of a card that the bank or the provider took away, and ask for another."""
        self.ensure_one()
        if self.card_cancelled_on:
            return
        used = self.active and bool(self.charge_way_ids.filtered("active"))
        self.write({"card_updated_on": moment, "card_cancelled_on": moment, "active": False})
        self._card_log(
            self.env._("The saved card %s was cancelled at the provider.", self.display_name)
        )
        if used:
            self.env["payment.card.notice"]._tell(self, "cancelled")

    def _card_log(self, text):
        self.ensure_one()
        # sudo: the history of a customer is written by the system
        self.partner_id.commercial_partner_id.sudo()._message_log(body=text)
