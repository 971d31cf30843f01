# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class PaymentChargeWay(models.Model):
    _inherit = "payment.charge.way"

    card_expires_on = fields.Date(related="token_id.card_expires_on", string="Card Good Until")
    card_state = fields.Selection(
        related="token_id.card_state", string="State of the Card", related_sudo=True
    )

    @api.depends("token_id.card_expires_on")
    def _compute_in_force(self):
        return super()._compute_in_force()

    @api.model
    def _in_force_domain(self):
        """Leave expired cards out, but for companies that charge them anyway."""
        today = fields.Date.context_today(self)
        # sudo: a setting of companies
        anyway = self.env["res.company"].sudo().search([("card_charge_expired", "=", True)])
        good = Domain("token_id", "any!", [("card_expires_on", ">=", today)]) | Domain(
            "token_id", "any!", [("card_expires_on", "=", False)]
        )
        return super()._in_force_domain() & (
            Domain("kind", "!=", "token") | Domain("company_id", "in", anyway.ids) | good
        )

    def _charge_hindrance(self, day=None):
        """Say that a card has expired, unless the company charges it anyway."""
        hindrance = super()._charge_hindrance(day)
        if hindrance or self.kind != "token" or self.company_id.card_charge_expired:
            return hindrance
        expires_on = self.token_id.card_expires_on
        if expires_on and expires_on < (day or self.company_id._charge_today()):
            return self.env._("The card expired on %s.", format_date(self.env, expires_on))
        return ""

    @api.model
    def _of_token(self, token):
        """A card that replaces another one takes over its ways, and makes none of its own."""
        if self.env.context.get("card_replaces"):
            return self
        return super()._of_token(token)

    @api.model
    def _replace_card(self, old, new):
        """Put a card in the place of another in every list of ways; the order stays.

        :param old: the token that is charged no more
        :param new: the token that is charged instead
        """
        # sudo: the provider moves the customer's ways, whoever brings the news
        Way = self.sudo().with_context(active_test=False)
        taken = {
            (way.company_id, way.partner_id, way.res_model or "", way.res_id or 0): way
            for way in Way.search([("token_id", "=", new.id)])
        }
        for way in Way.search([("token_id", "=", old.id), ("active", "=", True)], order="id"):
            own = taken.get((way.company_id, way.partner_id, way.res_model or "", way.res_id or 0))
            if own:
                # the customer had saved the new card as well: it moves up
                own.write({"active": True, "sequence": min(own.sequence, way.sequence)})
                way.active = False
            else:
                way.write({
                    "token_id": new.id,
                    "blocked_on": False,
                    "blocked_reason_id": False,
                })
        if not Way.search_count([("token_id", "=", new.id)], limit=1):
            Way.with_context(card_replaces=False)._of_token(new)
