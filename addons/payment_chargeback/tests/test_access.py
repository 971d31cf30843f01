# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Who may do what, in which company."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.payment_charge.tests.common_access import TableOfRights

from .common import ChargebackCommon


@tagged("post_install", "-at_install")
class TestAccess(TableOfRights, ChargebackCommon):
    rights = """
    model                          operator manager auditor invoicing internal portal
    payment.chargeback             rw       rw      r       r         -        -
    payment.chargeback.transition  r        r       r       r         -        -
    payment.chargeback.evidence    rcwu     rcwu    r       r         -        -
    payment.provider.event         r        r       r       r         -        -
    payment.card.notice            r        r       r       r         -        -
    payment.chargeback.open        rcwu     rcwu    -       -         -        -
    payment.chargeback.outcome     rcwu     rcwu    -       -         -        -
    payment.card.edit              rcwu     rcwu    -       -         -        -
    payment.provider.event.assign  rcwu     rcwu    -       -         -        -
    """

    def test_an_operator_does_the_whole_work(self):
        attempt, invoice = self.charged()
        operator = self.users["operator"]
        self.env = self.env(user=operator)
        chargeback = self.write_down(attempt.with_user(operator)).with_user(operator)
        chargeback.write({"evidence_text": "It was delivered.", "user_id": operator.id})
        chargeback.action_assemble()
        chargeback.action_download()
        chargeback.action_mark_submitted()
        self.decide(chargeback, "won")
        self.assertEqual((chargeback.state, invoice.amount_residual), ("won", 0))

    def test_others_only_look(self):
        attempt, _invoice = self.charged()
        chargeback = self.write_down(attempt)
        for role in ("auditor", "invoicing"):
            seen = chargeback.with_user(self.users[role])
            self.assertTrue(seen.name and seen.days_left is not None)
            for action in (
                "action_assemble",
                "action_submit",
                "action_mark_submitted",
                "action_ask",
                "action_outcome",
                "action_finish",
                "action_refund",
                "action_dismiss",
            ):
                with self.subTest(role=role, action=action), self.assertRaises(AccessError):
                    getattr(seen, action)()
        self.assertEqual(chargeback.state, "open")

    def test_nobody_writes_a_chargeback_past_its_methods(self):
        attempt, _invoice = self.charged()
        chargeback = self.write_down(attempt)
        for role in ("operator", "manager"):
            for vals in ({"state": "won"}, {"amount_withdrawn": 0}, {"truth": {}}):
                with self.subTest(role=role, vals=vals), self.assertRaises(AccessError):
                    chargeback.with_user(self.users[role]).write(vals)

    def test_companies_are_kept_apart(self):
        attempt, _invoice = self.charged()
        chargeback = self.tell(self.report(attempt))
        chargeback.action_assemble()
        other = self.setup_other_company(name="Rival Ltd")["company"]
        stranger = new_test_user(
            self.env,
            "chargeback_stranger",
            groups=self.groups["manager"],
            company_id=other.id,
            company_ids=[fields.Command.set(other.ids)],
        )
        for record in (
            chargeback,
            chargeback.transition_ids,
            chargeback.evidence_ids,
            chargeback.event_ids,
        ):
            found = self.env[record._name].with_user(stranger).search([])
            self.assertFalse(found & record)
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])
        with self.assertRaises(AccessError):
            chargeback.with_user(stranger).action_mark_submitted()

    def test_an_employee_without_a_role_does_not_type_expiries(self):
        token = self.card("done").token_id
        with self.assertRaises(AccessError):
            token.with_user(self.users["internal"]).action_edit_card()
