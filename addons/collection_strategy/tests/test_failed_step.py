# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A step of a rule that fails is work until somebody decides on it, or its reason has gone."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .worklist_common import WorklistCommon


@tagged("post_install", "-at_install")
class TestFailedStep(WorklistCommon):
    def failed(self, **vals):
        """Return a step that failed, as the run leaves it."""
        step = self.planned(kind="hold", **vals)
        step.sudo()._set_state("failed", "The hold has no end", cause="rule")
        return step

    def test_the_debt_manager_sees_what_failed_why_and_what_helps(self):
        step = self.failed(rule_name="Leave them alone")
        row = self.listed()
        self.assertEqual((row.kind, row.failed_id), ("failed_step", step))
        page = self.worklist()
        self.assertIn("The hold has no end", page["rows"][0]["why"])
        mail = page["detail"]["mail"]
        self.assertEqual(mail["error"], "The hold has no end")
        self.assertEqual(mail["from"], "Leave them alone")
        self.assertIn("try again", mail["text"])
        names = [button["name"] for button in page["detail"]["buttons"]]
        self.assertEqual(names[0], "try_step")
        self.assertLessEqual({"skip", "done", "resubmit", "read"}, set(names))
        opened = self.run_button(row, "read")
        self.assertEqual((opened["res_model"], opened["res_id"]), (step._name, step.id))

    def test_trying_again_gives_it_to_the_run_and_takes_it_off_the_list(self):
        step = self.failed()
        row = self.listed()
        self.assertFalse(self.run_button(row, "try_step"))
        self.assertEqual((step.state, row.state), ("planned", "gone"))
        self.assertFalse(self.listed())
        step.sudo()._set_state("failed", "Still no end", cause="rule")
        self.assertEqual(self.listed().reason, "Still no end")

    def test_a_step_that_the_rule_has_planned_anew_is_not_tried_again(self):
        step = self.failed()
        again = self.planned(kind="hold")
        with self.assertRaisesRegex(UserError, "anew"):
            self.as_user(step, "debt_manager")._try_again()
        self.assertEqual(again.state, "planned")

    def test_done_by_hand_the_step_is_done_too(self):
        step = self.failed()
        self.as_user(self.listed(), "debt_manager")._done("Settled by phone")
        self.assertEqual((step.state, step.close_reason), ("done", "Settled by phone"))
        self.assertFalse(self.listed())

    def test_skipped_it_does_not_come_back(self):
        step = self.failed()
        row = self.listed()
        self.as_user(row, "debt_manager")._skip("Not worth it")
        self.assertEqual((step.state, row.state), ("failed", "skipped"))
        self.Action._repair_sources()
        self.assertFalse(self.listed())
        self.as_user(row, "team_leader").action_reopen()
        self.assertEqual(self.listed(), row)

    def test_it_is_one_row_whatever_looks_at_it(self):
        self.failed()
        self.Action._repair_sources()
        self.assertEqual(len(self.listed()), 1)

    def test_once_all_is_paid_it_has_gone(self):
        step = self.failed()
        row = self.listed()
        for item in step.item_ids:
            self.pay(item.move_id)
        self.run_cycle(self.customer)
        self.Action._repair_sources()
        self.assertEqual(row.state, "gone")
