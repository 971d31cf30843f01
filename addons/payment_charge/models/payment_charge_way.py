# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class PaymentChargeWay(models.Model):
    """A way to charge a customer: a card kept by a provider, or what add-ons know besides."""

    _name = "payment.charge.way"
    _description = "Way to Charge a Customer"
    _inherit = ["mail.thread"]
    _order = "partner_id, res_model, res_id, sequence, id"
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer("Sequence", default=10, help="The first one is charged first.")
    active = fields.Boolean("Active", default=True)
    kind = fields.Selection(
        [("token", "Card or Account Kept by a Provider")],
        "Kind",
        required=True,
        default="token",
        readonly=True,
    )
    token_id = fields.Many2one(
        "payment.token",
        "Saved Card",
        index=True,
        ondelete="restrict",
        help="Kept by the payment provider; no card number is stored here.",
    )
    provider_id = fields.Many2one(
        "payment.provider",
        "Terminal",
        compute="_compute_provider_id",
        store=True,
        compute_sudo=True,
        help="The payment provider that carries the charges out.",
    )
    network = fields.Char(
        "Network",
        compute="_compute_network",
        store=True,
        compute_sudo=True,
        help="The card network or bank scheme, as far as the provider tells.",
    )
    is_default = fields.Boolean(
        "Default", compute="_compute_is_default", help="The first way in force is charged first."
    )
    valid_from = fields.Date("Valid From")
    valid_until = fields.Date("Valid Until", tracking=True)
    res_model = fields.Char("Only for (Model)", readonly=True)
    res_id = fields.Many2oneReference(
        "Only for",
        model_field="res_model",
        readonly=True,
        help="A standing order with an order of its own. Empty: for whatever the customer owes.",
    )
    blocked_on = fields.Datetime("Barred Since", readonly=True, copy=False)
    blocked_reason_id = fields.Many2one(
        "payment.reason", "Barred Because", readonly=True, copy=False
    )
    last_attempt_id = fields.Many2one(
        "payment.charge.attempt", "Last Charge", readonly=True, copy=False, ondelete="set null"
    )
    last_result = fields.Selection(
        [("succeeded", "Succeeded"), ("failed", "Failed"), ("returned", "Returned")],
        "Last Result",
        readonly=True,
        copy=False,
    )
    last_result_on = fields.Datetime("Last Result On", readonly=True, copy=False)
    last_reason_id = fields.Many2one("payment.reason", "Last Reason", readonly=True, copy=False)
    in_force = fields.Boolean("In Force", compute="_compute_in_force", search="_search_in_force")
    why_not = fields.Char("Why Not", compute="_compute_in_force")

    _token_once = models.UniqueIndex(
        "(company_id, partner_id, token_id, COALESCE(res_model, ''), COALESCE(res_id, 0)) "
        "WHERE token_id IS NOT NULL",
        "This card is in the customer's list already.",
    )
    _validity = models.Constraint(
        "CHECK (valid_until IS NULL OR valid_from IS NULL OR valid_from <= valid_until)",
        "A way ends after it begins.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("partner_id", "token_id", "company_id", "kind")
    def _check_token(self):
        for way in self.sudo():  # sudo: the provider's company decides, whoever may read it
            if way.kind == "token" and not way.token_id:
                raise ValidationError(self.env._("Choose the saved card to charge."))
            token = way.token_id
            if token and token.partner_id.commercial_partner_id != way.partner_id:
                raise ValidationError(
                    self.env._("The card %s belongs to another customer.", token.display_name)
                )
            if token and token.company_id not in way.company_id.parent_ids:
                raise ValidationError(
                    self.env._("The card %s belongs to another company.", token.display_name)
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("token_id.provider_id")
    def _compute_provider_id(self):
        for way in self:
            way.provider_id = way.token_id.provider_id

    @api.depends("token_id.payment_method_id.code", "kind")
    def _compute_network(self):
        for way in self:
            way.network = way._charge_network()

    @api.depends("token_id", "provider_id", "kind")
    def _compute_display_name(self):
        for way in self.sudo():  # sudo: a card's last digits are shown to who may see the way
            way.display_name = way._charge_label()

    @api.depends("partner_id", "company_id", "sequence", "active", "valid_from", "valid_until")
    def _compute_is_default(self):
        self.is_default = False
        lists = self._lists_of(self.partner_id)
        for (company, partner), ways in self.grouped(
            lambda w: (w.company_id, w.partner_id)
        ).items():
            first = partner._charge_ways(company, lists=lists)[:1]
            (ways & first).is_default = True

    @api.depends("valid_from", "valid_until", "active", "token_id", "blocked_on", "provider_id")
    def _compute_in_force(self):
        for way in self.sudo():  # sudo: whether a card can be charged is shown to who may see it
            way.why_not = way._charge_hindrance()
            way.in_force = not way.why_not

    def _search_in_force(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._in_force_domain()
        return domain if True in value else ~domain

    @api.model
    def _in_force_domain(self):
        """Return which ways can be charged today; add-ons with other kinds of ways extend this."""
        today = fields.Date.context_today(self)
        tokens = Domain(
            "token_id",
            "any!",
            [
                ("active", "=", True),
                ("provider_id.state", "!=", "disabled"),
                ("provider_id.capture_manually", "=", False),
            ],
        )
        return (
            Domain("active", "=", True)
            & Domain("blocked_on", "=", False)
            & (Domain("valid_from", "=", False) | Domain("valid_from", "<=", today))
            & (Domain("valid_until", "=", False) | Domain("valid_until", ">=", today))
            & (Domain("kind", "!=", "token") | tokens)
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("partner_id"):
                partner = self.env["res.partner"].browse(vals["partner_id"])
                vals["partner_id"] = partner.commercial_partner_id.id
            if "sequence" not in vals:
                vals["sequence"] = self._next_sequence(vals)
        ways = super().create(vals_list)
        for way in ways:
            way._log_at_customer(self.env._("%s can be charged.", way.display_name))
        return ways

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            for way in self.filtered("active"):
                way._log_at_customer(self.env._("%s is charged no more.", way.display_name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never_used(self):
        # sudo: charges that the user does not see count as well
        used = (
            self.env["payment.charge.attempt"].sudo().search([("way_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "%s was charged and stays as history. Archive it instead.",
                    used.way_id.display_name,
                )
            )

    def _next_sequence(self, vals):
        """Return the place behind the last way of the customer."""
        last = self.sudo().search(  # sudo: the order counts all ways, seen or not
            [
                ("partner_id", "=", vals.get("partner_id")),
                ("company_id", "=", vals.get("company_id", self.env.company.id)),
            ],
            order="sequence desc",
            limit=1,
        )
        return last.sequence + 1 if last else 1

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_make_default(self):
        """Charge this way first."""
        self.ensure_one()
        others = self.partner_id._charge_all_ways(self.company_id) - self
        self.sequence = min(others.mapped("sequence"), default=2) - 1

    def action_unblock(self):
        """Allow charges again after a reason barred the way: a person has made sure."""
        # sudo: fields that nobody types; the user may write the way, which was checked
        self.check_access("write")
        self.sudo().write({"blocked_on": False, "blocked_reason_id": False})
        for way in self:
            way._log_at_customer(self.env._("%s may be charged again.", way.display_name))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _charge_label(self):
        """Return how people call the way: the provider and the last digits."""
        self.ensure_one()
        if self.token_id:
            return f"{self.token_id.display_name} ({self.token_id.provider_id.name})"
        return self.env._("Way %s", self.id or "")

    def _charge_network(self):
        """Return the code of the card network or bank scheme, for its limits."""
        self.ensure_one()
        return self.token_id.payment_method_id.code

    def _charge_kind(self):
        """Return ``card`` or ``bank``: which retry schedules apply."""
        self.ensure_one()
        return (
            "bank" if self.network in {"sepa_direct_debit", "ach_direct_debit", "bacs"} else "card"
        )

    def _charge_hindrance(self, day=None):
        """Return why the way cannot be charged on a day, in words, or nothing.

        Add-ons with other kinds of ways extend this.
        """
        self.ensure_one()
        day = day or self.company_id._charge_today()
        if not self.active:
            return self.env._("It was archived.")
        if self.blocked_on:
            return self.env._(
                "Barred since %(day)s: %(reason)s",
                day=format_date(self.env, self.blocked_on),
                reason=self.blocked_reason_id.name or "",
            )
        if self.valid_from and day < self.valid_from:
            return self.env._("Valid from %s only.", format_date(self.env, self.valid_from))
        if self.valid_until and day > self.valid_until:
            return self.env._("It expired on %s.", format_date(self.env, self.valid_until))
        if self.kind != "token":
            return ""
        if not self.token_id.active:
            return self.env._("The card was removed.")
        provider = self.token_id.provider_id
        if provider.state == "disabled":
            return self.env._("The provider %s is disabled.", provider.name)
        if provider.capture_manually:
            return self.env._("The provider %s only reserves amounts.", provider.name)
        return ""

    def _charge_in_currency(self, currency):
        """Return why the way cannot be charged in a currency, in words, or nothing."""
        self.ensure_one()
        # sudo: what a provider can do is told to whoever may see the way
        provider = self.sudo().provider_id
        currencies = provider.available_currency_ids
        if self.kind == "token" and currencies and currency not in currencies:
            return self.env._(
                "%(provider)s does not charge in %(currency)s.",
                provider=provider.name,
                currency=currency.name,
            )
        return ""

    def _block(self, reason):
        """Bar the ways from all charges, as a reason of the class "never again" demands."""
        self.write({"blocked_on": fields.Datetime.now(), "blocked_reason_id": reason.id})
        for way in self:
            way._log_at_customer(
                self.env._(
                    "%(way)s may not be charged any more: %(reason)s",
                    way=way.display_name,
                    reason=reason.name,
                )
            )

    def _log_at_customer(self, text):
        self.ensure_one()
        # sudo: the history of a customer is written by the system
        self.partner_id.sudo()._message_log(body=text)

    @api.model
    def _lists_of(self, partners):
        """Return the lists of customers: what is to be charged first comes first.

        :return: {(company id, customer id, model and id of what the list is for): ways}; the
            latter two are ``False`` for whatever the customer owes
        """
        # sudo: charging goes by the customer's list, whoever asked for the charge
        ways = self.sudo().search([("partner_id", "in", partners.ids)], order="sequence, id")
        return ways.grouped(
            lambda way: (
                way.company_id.id,
                way.partner_id.id,
                way.res_model or False,
                way.res_id or False,
            )
        )

    @api.model
    def _of_token(self, token):
        """Return the customer's way that stands for a saved card, made when there is none."""
        # sudo: a card saved by a customer makes a way, whoever is at the keyboard
        Way = self.sudo().with_context(active_test=False)
        partner = token.partner_id.commercial_partner_id
        way = Way.search(
            [
                ("token_id", "=", token.id),
                ("partner_id", "=", partner.id),
                ("res_model", "=", False),
            ],
            limit=1,
        )
        return way or Way.create({
            "company_id": token.company_id.id,
            "partner_id": partner.id,
            "token_id": token.id,
        })
