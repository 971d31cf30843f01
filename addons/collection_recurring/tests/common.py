# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from contextlib import nullcontext

from odoo.tests import HttpCase

from odoo.addons.collection.tests.common import CollectionCommon
from odoo.addons.recurring_document.tests.common import RecurringCommon


class Standing(RecurringCommon):
    """The words of recurring documents, beside those of collections; all days are real ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the host's sample invoice takes the word with which collections make one
        del cls.invoice

    def recurring(self, price=100.0, **vals):
        """Return a running recurring document whose first period is billed today."""
        vals = {"date_start": self.today, "title": "Hosting", **vals}
        return super().recurring(price, **vals)

    def run_job(self, name):
        # tests over HTTP are in that mode already
        over_http = isinstance(self, HttpCase)
        with nullcontext() if over_http else self.enter_registry_test_mode():
            self.env.ref(f"recurring_document.{name}").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def refused(self, title="Data line", **vals):
        """Return a recurring document that was paused by its rule: the card is refused for good."""
        vals = {"on_failure": "pause", "failures_allowed": 0, "retry": False, **vals}
        document = self.recurring(310, title=title, method="direct", **vals)
        self.bill()
        self.carry_out_charges()
        self.env.invalidate_all()
        return document


class CollectionRecurringCommon(CollectionCommon, Standing):
    """A customer that owes something, and what it pays for by standing order."""

    # ------------------------------------------------------------
    # WORDS TO TELL STORIES WITH
    # ------------------------------------------------------------

    def screen(self, profile=None):
        """Return the panel and our alerts of the customer screen."""
        self.env.invalidate_all()
        data = (profile or self.profile()).get_customer_screen(["recurring", "alerts"])["data"]
        alerts = [one for one in data["alerts"] if one["key"].startswith("recurring")]
        return data["recurring"], alerts

    def shown(self, document):
        """Return how the panel shows a recurring document."""
        panel, _alerts = self.screen()
        [row] = [row for row in panel["documents"] if row["id"] == document.id]
        return row
