# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..core import placeholders

UNITS = [
    ("day", "Days"),
    ("week", "Weeks"),
    ("month", "Months"),
    ("quarter", "Quarters"),
    ("year", "Years"),
]
# units of the arithmetic, and how many of them each is
UNIT_IN_CORE = {
    "day": ("day", 1),
    "week": ("week", 1),
    "month": ("month", 1),
    "quarter": ("month", 3),
    "year": ("month", 12),
}
METHODS = [("direct", "Direct Charge"), ("debt", "Debt Management")]
DOCUMENT_KINDS = [
    ("invoice", "Invoice"),
    ("proforma", "Pro-Forma"),
    ("request", "Payment Request"),
    ("none", "Receipt Only"),
]
REQUEST_KINDS = ("proforma", "request")


class RecurringTerms(models.AbstractModel):
    """What a recurring document and a template for many of them have in common."""

    _name = "recurring.terms"
    _description = "Terms of a Recurring Document"

    company_id = fields.Many2one(
        "res.company", "Company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    method = fields.Selection(
        METHODS,
        "Method",
        required=True,
        default="debt",
        help="Direct charge: the customer is charged first, and the document is issued once the "
        "money is there. Debt management: the document is issued first and sent, and then charged.",
    )
    document_kind = fields.Selection(
        DOCUMENT_KINDS,
        "Document",
        required=True,
        default="invoice",
        help="A pro-forma (transaction invoice) or payment request issues the tax invoice once it "
        "is paid. Receipt only: the payment is booked on the customer's account, without an "
        "invoice.",
    )
    document_anyway = fields.Boolean(
        "Issue It Unpaid as Well",
        help="When a direct charge has failed for good, the document is issued all the same and "
        "the customer owes it.",
    )

    # when
    every = fields.Integer("Every", default=1, required=True)
    unit = fields.Selection(UNITS, "Unit", required=True, default="month")
    begin_rule = fields.Selection(
        [
            ("start", "On the Day of the Start"),
            ("day", "On a Day of the Month"),
            ("last", "On the Last Day of the Month"),
        ],
        "A Period Begins",
        required=True,
        default="start",
        help="When the start is not such a day, the first period is shorter. Quarters and years "
        "that begin on a day of the month are those of the calendar.",
    )
    begin_day = fields.Integer(
        "Day of the Month", default=1, help="31 is the last day of every month."
    )
    bill_on = fields.Selection(
        [
            ("first", "First Day of the Period"),
            ("last", "Last Day of the Period"),
            ("after", "Day after the Period"),
        ],
        "Billed on the",
        required=True,
        default="first",
    )
    bill_offset = fields.Integer("Days Later", help="Less than nothing: so many days earlier.")
    bill_shift = fields.Selection(
        [
            ("none", "As It Is"),
            ("next", "The Next Working Day"),
            ("previous", "The Working Day Before"),
            ("next_in_month", "The Next Working Day, within the Month"),
        ],
        "On a Weekend",
        required=True,
        default="none",
        help="Days of the weekend in the company's country.",
    )
    bill_target = fields.Boolean(
        "Euro Bank Holidays", help="Days on which the euro's payment system rests count as well."
    )
    dated = fields.Selection(
        [("bill", "The Day It Is Due to Be Billed"), ("issue", "The Day It Is Issued")],
        "Dated on",
        required=True,
        default="bill",
        help="They differ when a period is billed late. After a direct charge it is the day of the "
        "charge.",
    )
    prorate_first = fields.Boolean(
        "Prorate the First Period", default=True, help="A shorter first period costs less, by days."
    )
    prorate_last = fields.Boolean(
        "Prorate the Last Period", default=True, help="A shorter last period costs less, by days."
    )

    # money
    pricelist_id = fields.Many2one(
        "product.pricelist",
        "Pricelist",
        check_company=True,
        help="For lines whose price is the pricelist's on the day of each period.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        "Payment Terms",
        check_company=True,
        help="Empty: those of the customer.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        "Journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Of the invoices. Empty: the usual one.",
    )
    index_id = fields.Many2one(
        "recurring.index",
        "Index",
        ondelete="restrict",
        help="Prices of indexed lines follow it from the base day on.",
    )
    index_base_on = fields.Date(
        "Base Day", help="The prices are those of that day. Empty: the day of the start."
    )
    increase_percent = fields.Float("Increase (%)", help="Of indexed lines, again and again.")
    increase_months = fields.Integer("Every (Months)", default=12)
    charge = fields.Boolean(
        "Charge by Itself",
        default=True,
        help="The document is charged by the customer's card or account. Otherwise the customer "
        "pays it.",
    )
    charge_offset = fields.Integer("Days until the Charge", help="Counted from the day of billing.")
    retry = fields.Boolean(
        "Try Again by the Schedule",
        default=True,
        help="A failed or returned charge is tried again as the schedule for its reason says.",
    )
    on_failure = fields.Selection(
        [
            ("go_on", "Go On"),
            ("pause", "Pause the Recurring Document"),
            ("stop", "Stop the Recurring Document"),
        ],
        "When Charges Fail for Good",
        required=True,
        default="go_on",
        help="After all tries of the schedule are used up, or when a charge was returned and is "
        "not tried again.",
    )
    failures_allowed = fields.Integer(
        "Unpaid Periods Allowed", help="Nothing is paused or stopped before more are unpaid."
    )

    # texts
    send_when = fields.Selection(
        [
            ("never", "Not by Itself"),
            ("issued", "As Soon as It Is Issued"),
            ("charged", "When the Charge Has an Outcome"),
        ],
        "Send the Document",
        required=True,
        default="charged",
        help="By e-mail, to customers who get their invoices that way. Without a charge it is sent "
        "as soon as it is issued.",
    )
    note = fields.Html(
        "Notes on the Document",
        help="Placeholders such as {month} or {period} are filled in the customer's language.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        help="Gets an activity for what needs a person.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("every", "begin_day", "begin_rule", "charge_offset", "failures_allowed")
    def _check_numbers(self):
        for terms in self:
            if terms.every < 1:
                raise ValidationError(self.env._("Every: at least 1."))
            if terms.begin_rule == "day" and not 1 <= terms.begin_day <= 31:
                raise ValidationError(self.env._("Day of the month: from 1 to 31."))
            if terms.charge_offset < 0 or terms.failures_allowed < 0:
                raise ValidationError(self.env._("Days and numbers are not less than nothing."))

    @api.constrains("begin_rule", "unit")
    def _check_begin_rule(self):
        for terms in self:
            if terms.begin_rule != "start" and terms.unit in {"day", "week"}:
                raise ValidationError(
                    self.env._("Periods of days or weeks begin on the day of the start.")
                )

    @api.constrains("method", "document_kind")
    def _check_document_kind(self):
        for terms in self:
            if terms.method == "direct" and terms.document_kind in REQUEST_KINDS:
                raise ValidationError(
                    self.env._(
                        "A direct charge issues an invoice, or a receipt only. Choose debt "
                        "management for a pro-forma or payment request."
                    )
                )
            if terms.method == "debt" and terms.document_kind == "none":
                raise ValidationError(
                    self.env._("Debt management needs a document. Choose one, or direct charge.")
                )

    @api.constrains("note")
    def _check_placeholders(self):
        for terms in self:
            terms._refuse_unknown(terms.note, self._fields["note"]._description_string(self.env))

    @api.model
    def _refuse_unknown(self, text, label):
        """Refuse a text with placeholders that nobody fills, and name those there are."""
        unknown = placeholders.unknown(text)
        if unknown:
            raise ValidationError(
                self.env._(
                    "%(field)s: the placeholder {%(name)s} is not known. There are: %(all)s",
                    field=label,
                    name=unknown[0],
                    all=", ".join(f"{{{name}}}" for name in placeholders.NAMES),
                )
            )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("company_id", "pricelist_id")
    def _compute_currency_id(self):
        for terms in self:
            terms.currency_id = (
                terms.pricelist_id.currency_id or terms.currency_id or terms.company_id.currency_id
            )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _terms_fields(self):
        """Return the names of the fields that a document takes over from a template."""
        return [
            name
            for name, field in self.env["recurring.terms"]._fields.items()
            if name not in {*models.MAGIC_COLUMNS, "display_name", "company_id"} and field.store
        ]

    @api.model
    def _company_domain(self):
        return Domain("company_id", "in", self.env.companies.ids)
