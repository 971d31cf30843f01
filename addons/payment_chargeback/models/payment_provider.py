# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging
from datetime import timedelta

import psycopg2

from odoo import fields, models

_logger = logging.getLogger(__name__)

# asked for the first time, a provider is asked for changes of so many days
FIRST_DAYS = 30
# what was asked for before is asked for again: providers list a change late
OVERLAP = timedelta(days=2)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    card_updates_on = fields.Datetime(
        "Cards Asked for On",
        readonly=True,
        copy=False,
        help="When the provider was last asked for renewed, replaced and cancelled cards.",
    )
    card_updates_error = fields.Char(
        "Error about Cards", readonly=True, copy=False, help="Of the last question, if it failed."
    )

    # ------------------------------------------------------------
    # WHAT ADD-ONS OF PROVIDERS EXTEND
    # ------------------------------------------------------------

    def _card_updates(self, since):
        """Ask the provider which saved cards were renewed, replaced or cancelled.

        Providers that list changes by date extend this; those that tell of them by webhook call
        ``payment.provider.event._receive`` instead.

        :param datetime since: in UTC
        :return: :class:`~odoo.addons.payment_chargeback.core.cards.CardUpdate` objects
        """
        # a provider's add-on that does not know of this one loads before it
        ask = getattr(super(), "_card_updates", None)
        return ask(since) if ask else []

    def _chargeback_takes_evidence(self):
        """Tell whether :meth:`_chargeback_submit` is there for this provider."""
        ask = getattr(super(), "_chargeback_takes_evidence", None)
        return ask() if ask else False

    def _chargeback_submit(self, chargeback):
        """Send the evidence of a chargeback to the provider.

        :raise ValidationError: when the provider refuses it, or does not answer
        """
        send = getattr(super(), "_chargeback_submit", None)
        return send(chargeback) if send else None

    def _chargeback_fetch(self, chargeback):
        """Ask the provider where a dispute stands.

        :return: a :class:`~odoo.addons.payment_chargeback.core.dispute.Report`, or ``None`` when
            the provider cannot be asked
        """
        ask = getattr(super(), "_chargeback_fetch", None)
        return ask(chargeback) if ask else None

    def _chargeback_transaction(self, report):
        """Return the transaction that a report is about, empty when it is none of ours.

        :param report: a :class:`~odoo.addons.payment_chargeback.core.dispute.Report`
        """
        self.ensure_one()
        transactions = self.env["payment.transaction"].sudo()  # sudo: as reports are, see `_take`
        if not report.payment_reference:
            return transactions
        return transactions.search(
            [
                ("provider_id", "=", self.id),
                ("provider_reference", "=", report.payment_reference),
                ("operation", "not in", ("refund", "validation")),
            ],
            limit=1,
        )

    # ------------------------------------------------------------
    # JOBS
    # ------------------------------------------------------------

    def _cron_card_updates(self):
        """Ask every provider for changes of saved cards; one that fails does not stop the others."""
        self.env["payment.charge.attempt"]._check_not_neutralized()
        providers = self.search([("state", "!=", "disabled")], order="card_updates_on, id")
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(providers))
        for provider in providers:
            provider._ask_for_cards()
            if not Cron._commit_progress(1):
                break

    def _ask_for_cards(self):
        """Ask the provider for changes since it was last asked, and take them in."""
        self.ensure_one()
        now = fields.Datetime.now()
        since = (self.card_updates_on or now - timedelta(days=FIRST_DAYS)) - OVERLAP
        Event = self.env["payment.provider.event"]
        try:
            with self.env.cr.savepoint():
                for update in self._card_updates(since):
                    Event._receive(self, update.event_ref, update)
        except psycopg2.OperationalError:
            # another process is at it: it comes again
            raise
        except Exception as error:
            self.env.invalidate_all()
            _logger.warning("Provider %s was not asked for its cards: %s", self.id, error)
            # the next run asks for the same time again
            self.card_updates_error = str(error)
        else:
            self.write({"card_updates_on": now, "card_updates_error": False})
