# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from dateutil.relativedelta import relativedelta

from odoo import fields, models

from ..core.workdays import add_working_days, weekend_of

# channels of a contact → the field that says whether an outcome fits them
FITS = {
    "phone": "fits_call",
    "meeting": "fits_meeting",
    "email": "fits_message",
    "sms": "fits_message",
    "letter": "fits_message",
    "portal": "fits_message",
    "chat": "fits_message",
}


class CollectionOutcome(models.Model):
    """What a contact came to, and the next step that follows from it."""

    _name = "collection.outcome"
    _description = "Outcome of a Contact"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    code = fields.Char("Code", required=True, help="A short code, for imports and reports.")
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True)
    fits_call = fields.Boolean("Of a Call", default=True, help="Offered when a call is logged.")
    fits_meeting = fields.Boolean(
        "Of a Meeting", default=True, help="Offered when a meeting or visit is logged."
    )
    fits_message = fields.Boolean(
        "Of a Message", default=True, help="Offered when an e-mail, SMS or letter is logged."
    )
    target_state = fields.Selection(
        [("not_started", "Not Started"), ("in_progress", "In Progress"), ("promise", "Promise")],
        "Moves the Case To",
        help="The state of the case after such an outcome; it goes before that of the activity "
        "type. Empty: as the activity type says.",
    )
    asks_payment = fields.Boolean(
        "Asks for the Agreed Payment",
        help="Whoever logs it says when, how much and in which way the customer will pay.",
    )
    next_activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Next Step",
        domain=[("collection", "=", True)],
        ondelete="set null",
        help="The activity planned next on the case. Empty: none.",
    )
    next_delay = fields.Integer("After", default=1, help="How long after the contact it is due.")
    next_delay_unit = fields.Selection(
        [("business_days", "Business Days"), ("days", "Days"), ("weeks", "Weeks")],
        "Unit",
        required=True,
        default="business_days",
        help="Business days leave out the weekend of the company's country. A step that would "
        "fall on a weekend moves to the next working day.",
    )
    next_from = fields.Selection(
        [("contact", "The Contact"), ("agreed", "The Agreed Payment Date")],
        "Counted From",
        required=True,
        default="contact",
        help="Counted from the day of the contact, or from the day the customer agreed to pay.",
    )
    next_for = fields.Selection(
        [
            ("debt_manager", "The Debt Manager"),
            ("recorder", "Whoever Logs the Contact"),
            ("leader", "The Team Leader"),
        ],
        "Next Step Is For",
        required=True,
        default="debt_manager",
        help="Who does the next step.",
    )
    next_summary = fields.Char(
        "Summary of the Next Step", translate=True, help="What to do, in a few words."
    )

    _code_uniq = models.UniqueIndex("(code)", "Another outcome has this code already.")
    _next_delay_positive = models.Constraint(
        "CHECK (next_delay >= 0)", "The next step cannot lie before the contact."
    )

    def _next_date(self, company, contact_day, agreed_date=None):
        """Return the day the next step is due, never on a weekend of the company.

        :param date contact_day: the day of the contact
        :param date agreed_date: the day the customer agreed to pay
        """
        self.ensure_one()
        # sudo: the country of the company, for whoever works there
        weekend = weekend_of(company.sudo().country_id.code)
        day = (self.next_from == "agreed" and agreed_date) or contact_day
        if self.next_delay_unit == "business_days":
            return add_working_days(day, self.next_delay, weekend)
        return add_working_days(
            day + relativedelta(**{self.next_delay_unit: self.next_delay}), 0, weekend
        )

    def _next_user(self, case):
        """Return who does the next step on a case; the user where nobody else is known."""
        self.ensure_one()
        user = self.env["res.users"]
        if self.next_for == "debt_manager":
            user = case.debt_manager_id
        elif self.next_for == "leader":
            # sudo: the leader of the case's team, or of the nearest team above that has one
            team = case.team_id.sudo()
            while team and not team.leader_id:
                team = team.parent_id
            user = team.leader_id or case.debt_manager_id
        return user or self.env.user
