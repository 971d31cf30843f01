# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The standing orders of a customer: a panel and alerts of the customer screen."""

from collections import namedtuple

from odoo import models
from odoo.tools import SQL

# recurring documents the customer screen shows
DOCUMENTS_SHOWN = 6
# that a person stopped one is told for so many days; that the rule did, until it runs again
STOP_TOLD_DAYS = 30

# what the panel needs to know of a recurring document beside its fields: the ids of the document
# and of the last period billed, the first day of billing that is written down, how many periods
# could not be collected, what the last change of state came from, and whether that is not long ago
Standing = namedtuple("Standing", "id period planned unpaid cause recent")


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_recurring(self):
        """List the recurring documents of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("recurring_document.action_document")
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("partner_id", "in", self._screen_partner_ids()),
        ]
        action["context"] = {"default_partner_id": self.partner_id.id}
        return action

    # ------------------------------------------------------------
    # CUSTOMER SCREEN
    # ------------------------------------------------------------

    def _get_screen_panels(self):
        return [*super()._get_screen_panels(), ("recurring", 74)]

    def _recurring_standings(self):
        """Return the customer's recurring documents that are no drafts, what stands out first.

        :return: a list of :class:`Standing`
        """
        self.ensure_one()
        for name in ("recurring.document", "recurring.period", "recurring.transition"):
            self.env[name].flush_model()
        return [
            Standing(*row)
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT document.id, last_period.id, counted.planned, counted.unpaid,
                           last_change.cause, last_change.recent
                      FROM recurring_document document
                 LEFT JOIN LATERAL (
                              SELECT period.id
                                FROM recurring_period period
                               WHERE period.document_id = document.id
                                 AND period.state NOT IN ('planned', 'skipped')
                            ORDER BY period.date_from DESC, period.id DESC
                               LIMIT 1
                           ) AS last_period ON TRUE
                CROSS JOIN LATERAL (
                              SELECT min(period.bill_on) FILTER (
                                         WHERE period.state = 'planned') AS planned,
                                     count(*) FILTER (
                                         WHERE period.gave_up
                                           AND period.main_id = period.id) AS unpaid
                                FROM recurring_period period
                               WHERE period.document_id = document.id
                           ) AS counted
                 LEFT JOIN LATERAL (
                              SELECT change.cause,
                                     change.date >= now() AT TIME ZONE 'UTC'
                                                    - make_interval(days => %(days)s) AS recent
                                FROM recurring_transition change
                               WHERE change.document_id = document.id
                                 AND change.period_id IS NULL
                            ORDER BY change.id DESC
                               LIMIT 1
                           ) AS last_change ON TRUE
                     WHERE document.company_id = %(company)s
                       AND document.commercial_partner_id = %(entity)s
                       AND document.partner_id = ANY(%(partners)s)
                       AND document.state != 'draft'
                  ORDER BY document.trouble IS NULL
                           AND NOT (document.state IN ('paused', 'stopped')
                                    AND last_change.cause IN ('policy', 'chargeback'))
                           AND counted.unpaid = 0,
                           array_position(ARRAY['running', 'paused', 'stopped', 'ended'],
                                          document.state),
                           document.next_bill_on NULLS LAST,
                           document.id DESC
                    """,
                    days=STOP_TOLD_DAYS,
                    company=self.company_id.id,
                    entity=self.commercial_partner_id.id,
                    partners=self._screen_partner_ids(),
                )
            )
        ]

    def _screen_panel_recurring(self):
        """Return what the customer pays for by standing order, what stands out first."""
        standings = self._recurring_standings()
        if not standings:
            return False
        may_open = self.env["recurring.document"].has_access("read")
        shown = standings[:DOCUMENTS_SHOWN]
        # sudo: whoever calls the customer is told what it pays for and by which card's last digits
        documents = self.env["recurring.document"].sudo().browse(one.id for one in shown)
        periods = documents.env["recurring.period"].browse(
            one.period for one in shown if one.period
        )
        last = {period.id: period for period in periods}
        states = dict(documents._fields["state"]._description_selection(self.env))
        ways = self.commercial_partner_id._charge_all_ways(self.company_id)
        rows = []
        for document, standing in zip(documents, shown, strict=True):
            way, hindrance = document._screen_way(ways)
            rows.append({
                "id": document.id,
                "name": document.name,
                "title": document.title or False,
                "what": document._screen_what(),
                "state": document.state,
                "state_label": states[document.state],
                "tone": document._screen_tone(),
                "why": document.trouble or document.why or False,
                "amount": document.amount_period,
                "currency_id": document.currency_id.id,
                "rhythm": document.rhythm_text,
                "next": document._screen_next(standing.planned),
                "resumes": document.state == "paused" and document.resume_on,
                "way": way,
                "hindrance": hindrance if document.state in {"running", "paused"} else False,
                "last": document._screen_period(last.get(standing.period)),
                "unpaid": standing.unpaid,
            })
        return {"count": len(standings), "may_open": may_open, "documents": rows}

    def _screen_panel_alerts(self):
        alerts = super()._screen_panel_alerts()
        standings = {one.id: one for one in self._recurring_standings()}
        may_open = self.env["recurring.document"].has_access("read")
        # sudo: see the panel
        for document in self.env["recurring.document"].sudo().browse(standings):
            alert = document._screen_alert(standings[document.id])
            if alert and may_open:
                alert["action"] = document.sudo(False)._get_records_action()
            if alert:
                alerts.append(alert)
        return alerts
