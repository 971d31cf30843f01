# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command

from odoo.addons.collection.tests.common import CollectionCommon
from odoo.addons.payment_charge.tests.common import ChargeCommon


class Charging(ChargeCommon):
    """The words of charging, beside those of collections."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the host's sample invoice takes the word with which collections make one
        del cls.invoice


class CollectionChargeCommon(CollectionCommon, Charging):
    """A company that chases and charges; a refused charge is tried once more, a day later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_days_late = 7
        cls.env["payment.charge.schedule"].create({
            "name": "Once more",
            "sequence": 1,
            "company_id": cls.company.id,
            "reason_class": "soft",
            "line_ids": [Command.create({"days": 1})],
        })

    # ------------------------------------------------------------
    # WORDS TO TELL STORIES WITH
    # ------------------------------------------------------------

    def charge(self, moves=None, **vals):
        attempt = super().charge(moves, **vals)
        self.at_once()
        return attempt

    def plan(self, moves=None, **vals):
        attempt = super().plan(moves, **vals)
        self.at_once()
        return attempt

    def next_day(self):
        """Let a day pass, and have the job carry out what is due."""
        with self.later(days=1):
            self.run_cron("cron_submit")
        self.at_once()
        self.env.invalidate_all()

    def give_back(self, attempt, reason="insufficient_funds"):
        """Have the bank take the money of a charge back."""
        attempt._set_returned(self.env["payment.reason"]._of(reason))
        self.at_once()
        self.env.invalidate_all()

    def item(self, move):
        """Return the open item of a document."""
        [item] = self.env["collection.item"].search([("move_id", "=", move.id)])
        return item

    def blocked(self, *moves):
        """Return what charges block of documents, in company currency."""
        self.env.invalidate_all()
        return [
            sum(self.item(move).block_ids.filtered(lambda b: b.kind == "charge").mapped("amount"))
            for move in moves
        ]

    def told(self, case, attempt):
        """Return what the history of a case says about a charge."""
        return case.message_ids.filtered(lambda message: attempt.name in message.body)
