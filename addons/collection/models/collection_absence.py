# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class CollectionAbsence(models.Model):
    """Some days on which a debt manager is away and another one stands in.

    During these days, and only then, the substitute sees and works the cases and customers of
    whoever is away: record rules read these rows, no one else has to do anything.
    """

    _name = "collection.absence"
    _description = "Absence of a Debt Manager"
    _order = "date_from desc, id desc"

    user_id = fields.Many2one(
        "res.users",
        "Who Is Away",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=[("is_debt_manager", "=", True)],
    )
    substitute_id = fields.Many2one(
        "res.users",
        "Substitute",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_debt_manager', '=', True), ('id', '!=', user_id)]",
        help="Sees and works the cases and customers of whoever is away, during these days only.",
    )
    date_from = fields.Date(
        "First Day", required=True, default=lambda self: fields.Date.context_today(self)
    )
    date_to = fields.Date(
        "Last Day",
        required=True,
        default=lambda self: fields.Date.context_today(self),
        help="The last day of the absence, inclusive.",
    )
    reason = fields.Char("Reason")
    state = fields.Selection(
        [("planned", "Planned"), ("current", "Away Now"), ("past", "Past")],
        "State",
        compute="_compute_state",
        help="Whether the absence lies ahead, runs today, or is over.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_from <= date_to)", "An absence ends on or after its first day."
    )
    _own_substitute = models.Constraint(
        "CHECK (user_id <> substitute_id)", "Nobody stands in for themselves."
    )
    _days_index = models.Index("(substitute_id, date_from, date_to)")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("date_from", "date_to")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for absence in self:
            if not absence.date_from or not absence.date_to or today < absence.date_from:
                absence.state = "planned"
            else:
                absence.state = "current" if today <= absence.date_to else "past"

    @api.depends("user_id", "substitute_id", "date_from", "date_to")
    def _compute_display_name(self):
        for absence in self:
            absence.display_name = self.env._(
                "%(person)s, %(first)s – %(last)s",
                person=absence.user_id.sudo().name,  # sudo: a colleague's name
                first=format_date(self.env, absence.date_from),
                last=format_date(self.env, absence.date_to),
            )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("user_id", "substitute_id", "date_from", "date_to")
    def _check_overlap(self):
        for absence in self:
            # sudo: also what the user may not see stands in the way
            others = absence.sudo().search([
                ("id", "!=", absence.id),
                "|",
                ("user_id", "in", (absence.user_id | absence.substitute_id).ids),
                ("substitute_id", "=", absence.user_id.id),
                ("date_from", "<=", absence.date_to),
                ("date_to", ">=", absence.date_from),
            ])
            for other in others:
                values = {
                    "person": other.user_id.name,
                    "first": format_date(self.env, other.date_from),
                    "last": format_date(self.env, other.date_to),
                }
                if other.user_id == absence.user_id:
                    raise ValidationError(
                        self.env._(
                            "%(person)s is away from %(first)s to %(last)s already: change that "
                            "absence instead.",
                            **values,
                        )
                    )
                if other.substitute_id == absence.user_id:
                    raise ValidationError(
                        self.env._(
                            "%(substitute)s stands in for %(person)s from %(first)s to %(last)s: "
                            "choose another substitute there first.",
                            substitute=other.substitute_id.name,
                            **values,
                        )
                    )
                raise ValidationError(
                    self.env._(
                        "%(person)s cannot stand in: away from %(first)s to %(last)s.", **values
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._notify_substitutes()
        return absences

    def write(self, vals):
        before = {absence: absence.substitute_id for absence in self}
        result = super().write(vals)
        if "user_id" in vals:
            # nobody sends a colleague away to see that person's cases
            self.check_access("write")
        if not {"substitute_id", "date_from", "date_to", "user_id"}.isdisjoint(vals):
            self.filtered(
                lambda absence: (
                    "substitute_id" not in vals or absence.substitute_id != before[absence]
                )
            )._notify_substitutes()
        return result

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _notify_substitutes(self):
        """Tell the substitutes, and whoever is away unless it is the user, what was arranged."""
        if self.env.context.get("install_mode") or self.env.context.get("tracking_disable"):
            return
        today = fields.Date.context_today(self)
        for absence in self.filtered(lambda absence: absence.date_to >= today):
            # sudo: names and addresses of colleagues
            people = absence.sudo()
            partners = ((people.user_id | people.substitute_id) - self.env.user).partner_id
            if not partners:
                continue
            self.env["mail.thread"].message_notify(
                partner_ids=partners.ids,
                subject=self.env._(
                    "%(substitute)s stands in for %(person)s",
                    substitute=people.substitute_id.name,
                    person=people.user_id.name,
                ),
                body=Markup("<p>%s</p>")
                % self.env._(
                    "From %(first)s to %(last)s %(substitute)s sees and works the collection "
                    "cases of %(person)s.",
                    first=format_date(self.env, absence.date_from),
                    last=format_date(self.env, absence.date_to),
                    substitute=people.substitute_id.name,
                    person=people.user_id.name,
                ),
            )
