# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Every screen loads, for every role that has it, and shows what it is for."""

from odoo import fields
from odoo.tests import Form, new_test_user, tagged

from ..demo.loader import load
from .common import ChargebackCommon

ACTIONS = (
    "action_chargeback",
    "action_chargeback_all",
    "action_chargeback_report",
    "action_provider_event",
    "action_card",
    "action_card_notice",
)


@tagged("post_install", "-at_install")
class TestScreens(ChargebackCommon):
    def setUp(self):
        super().setUp()
        self.attempt, self.invoice = self.charged()
        self.chargeback = self.tell(self.report(self.attempt, "warning"))

    def user_with(self, group):
        return new_test_user(
            self.env,
            f"screens_{group.rpartition('_')[2]}",
            groups=group,
            company_id=self.company.id,
            company_ids=[fields.Command.set(self.company.ids)],
        )

    def test_every_screen_opens_for_every_role(self):
        for group in (
            "payment_charge.group_charge_operator",
            "payment_charge.group_charge_auditor",
            "account.group_account_invoice",
        ):
            user = self.user_with(group)
            for name in ACTIONS:
                action = self.env.ref(f"payment_chargeback.{name}")
                model = self.env[action.res_model].with_user(user)
                views = [(view_id, kind) for view_id, kind in action.views if kind != "activity"]
                with self.subTest(group=group, action=name):
                    shown = model.get_views([*views, (action.search_view_id.id, "search")])
                    for kind in {"list", "form"} & set(shown["views"]):
                        names = list(shown["models"][model._name]["fields"])
                        found = model.search([], limit=5)
                        fields_shown = [
                            one
                            for one in names
                            if f'name="{one}"' in shown["views"][kind]["arch"]
                            and one in model._fields
                        ]
                        read = found.web_read({one: {} for one in fields_shown})
                        self.assertEqual(len(read), len(found))

    def test_every_filter_of_the_search_works(self):
        for view, model in (
            ("payment_chargeback_view_search", "payment.chargeback"),
            ("payment_card_view_search", "payment.token"),
            ("payment_provider_event_view_search", "payment.provider.event"),
            ("payment_card_notice_view_search", "payment.card.notice"),
        ):
            arch = self.env.ref(f"payment_chargeback.{view}")._get_combined_arch()
            for node in arch.iter("filter"):
                with self.subTest(view=view, filter=node.get("name")):
                    if domain := node.get("domain"):
                        domain = domain.replace("uid", str(self.env.uid))
                        found = self.env[model].search(fields.Domain(eval(domain)))  # noqa: S307
                        every = self.env[model].with_context(active_test=False).search([])
                        self.assertLessEqual(found, every)

    def test_the_form_says_what_to_do(self):
        with Form(self.chargeback) as form:
            form.evidence_text = "It was delivered."
        self.assertEqual(self.chargeback.evidence_text, "It was delivered.")

    def test_a_chargeback_is_written_down_from_the_charge(self):
        attempt, invoice = self.charged()
        action = attempt.action_open_chargeback_dialogue()
        model = self.env[action["res_model"]].with_context(**action["context"])
        form = Form(model)
        self.assertEqual(form.amount, 100)
        form.reason_id = self.env["payment.reason"]._of("chargeback_not_received")
        wizard = form.save()
        chargeback = self.Chargeback.browse(wizard.action_open()["res_id"])
        self.assertEqual((chargeback.amount, invoice.amount_residual), (100, 100))
        self.assertEqual(attempt.action_open_chargebacks()["res_id"], chargeback.id)

    def test_documents_and_customers_lead_to_their_chargebacks(self):
        self.assertEqual(self.invoice.chargeback_count, 1)
        self.assertEqual(self.customer.chargeback_count, 1)
        self.assertEqual(self.invoice.action_open_chargebacks()["res_id"], self.chargeback.id)
        domain = self.customer.action_open_chargebacks()["domain"]
        self.assertEqual(self.Chargeback.search(domain), self.chargeback)

    def test_settings_are_the_companys(self):
        settings = self.env["res.config.settings"].create({})
        settings.write({"card_expiry_days": 45, "chargeback_block": "always"})
        self.assertEqual(self.env.company.card_expiry_days, 45)
        self.assertEqual(self.env.company.chargeback_block, "always")


@tagged("post_install", "-at_install")
class TestDemo(ChargebackCommon):
    def test_the_demo_data_shows_a_chargeback_and_a_warning_once(self):
        for amount in (100, 50):
            self.charged(amount)
        chargebacks = load(self.company.sudo())
        self.assertEqual(sorted(chargebacks.mapped("kind")), ["alert", "chargeback"])
        self.assertEqual(set(chargebacks.mapped("finished")), {True})
        tokens = self.env["payment.token"].search([("company_id", "=", self.company.id)])
        self.assertTrue(all(tokens.mapped("card_expires_on")))
        self.assertIsNone(load(self.company.sudo()))

    def test_where_nothing_was_charged_there_is_nothing_to_dispute(self):
        self.assertIsNone(load(self.company.sudo()))
