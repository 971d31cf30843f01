# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Strategies are copied, written to a file, and read back."""

import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger


class ExchangeCommon(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Strategy = cls.env["collection.strategy"]
        cls.standard = cls.env.ref("collection_strategy.strategy_standard")
        cls.manager = new_test_user(
            cls.env, "exchange_manager", groups="collection.group_collection_manager"
        )

    def exported(self, strategy=None):
        return json.loads((strategy or self.standard)._export_json())

    def imported(self, data, dry_run=False):
        return self.Strategy._import_json(json.dumps(data), dry_run=dry_run)

    def errors(self, data):
        lines = self.imported(data)
        return [(line.name, line.field, line.text) for line in lines if line.kind == "error"]

    def kinds(self, lines):
        return {
            kind: [line for line in lines if line.kind == kind]
            for kind in {line.kind for line in lines}
        }


@tagged("post_install", "-at_install")
class TestExchange(ExchangeCommon):
    def test_import_of_what_is_there_changes_nothing(self):
        lines = self.imported(self.exported())
        self.assertEqual({line.kind for line in lines}, {"same"})
        rules = self.standard.with_context(active_test=False).rule_ids
        self.assertEqual(len([line for line in lines if line.section == "rules"]), len(rules))

    def test_import_into_an_emptied_strategy_gives_the_same_rules(self):
        # rules that have acted cannot be deleted
        self.env["collection.action"].search([("source", "=", "rule")]).unlink()
        before = self.exported()
        self.standard.with_context(active_test=False).rule_ids.unlink()
        lines = self.imported(before)
        self.assertFalse(self.kinds(lines).get("error"))
        after = self.exported()
        without_keys = [
            [{**rule, "key": None} for rule in data["strategies"][0]["rules"]]
            for data in (before, after)
        ]
        self.assertEqual(without_keys[0], without_keys[1])
        self.assertTrue(without_keys[0])
        # a second time nothing changes, although the rules' identifiers are gone
        again = self.imported(before)
        self.assertEqual({line.kind for line in again}, {"same"})

    def test_import_of_a_new_code_makes_a_new_strategy(self):
        data = self.exported()
        data["strategies"][0].update(key="winter", code="winter", name="Winter")
        lines = self.imported(data)
        winter = self.Strategy.search([("code", "=", "winter")])
        self.assertEqual(winter.name, "Winter")
        self.assertEqual(winter.rule_ids.mapped("name"), self.standard.rule_ids.mapped("name"))
        self.assertEqual(
            winter.rule_ids.template_id, self.standard.rule_ids.template_id, "texts are shared"
        )
        self.assertEqual(
            {line.kind for line in lines if line.section in ("strategies", "rules")}, {"new"}
        )
        again = self.imported(data)
        self.assertEqual({line.kind for line in again}, {"same"})

    def test_scripts_and_templates_come_along(self):
        data = self.exported()
        data["strategies"][0].update(key="abroad", code="abroad")
        names = {}
        for section in ("scripts", "mail_templates", "sms_templates"):
            for row in data[section]:
                names[row["key"]] = f"abroad.{row['key'].split('.')[1]}"
                row["key"] = names[row["key"]]
                row["name"] = {"en_US": f"{row['name']['en_US']} (abroad)"}
        for rule in data["strategies"][0]["rules"]:
            for name in ("template_id", "sms_template_id", "script_id"):
                rule[name] = names.get(rule[name], False)
        # whoever may not write templates that compute something cannot bring them in by a file
        refused = self.Strategy.with_user(self.manager)._import_json(json.dumps(data))
        texts = [line.text for line in refused if line.kind == "error"]
        self.assertIn("Mail Template Editor", texts[0])
        self.assertIn("has an error of its own", texts[-1])
        self.assertFalse(self.Strategy.search([("code", "=", "abroad")]))
        self.manager.group_ids += self.env.ref("mail.group_mail_template_editor")
        lines = self.Strategy.with_user(self.manager)._import_json(json.dumps(data))
        self.assertEqual({line.kind for line in lines}, {"new"})
        abroad = self.Strategy.search([("code", "=", "abroad")])
        rule = abroad.rule_ids.filtered(lambda rule: rule.name == "First Reminder")
        original = self.env.ref("collection_message.mail_template_first")
        self.assertEqual(rule.template_id.name, f"{original.name} (abroad)")
        self.assertEqual(rule.template_id.body_html, original.body_html)
        self.assertEqual(rule.template_id.model, "collection.message")
        call = abroad.rule_ids.filtered(lambda rule: rule.name == "First Call")
        self.assertEqual(
            call.script_id.body, self.env.ref("collection_strategy.script_first_call").body
        )
        # found again by their names
        again = self.imported(data)
        self.assertEqual({line.kind for line in again}, {"same"})

    def test_dry_run_tells_and_changes_nothing(self):
        data = self.exported()
        rules = data["strategies"][0]["rules"]
        first = next(rule for rule in rules if rule["key"].endswith("rule_standard_first"))
        first["days_from"] = 4
        gone = rules.pop()
        before = self.exported()
        lines = self.imported(data, dry_run=True)
        changed = self.kinds(lines)["changed"]
        self.assertEqual(len(changed), 1)
        self.assertEqual((changed[0].old, changed[0].new), ("3", "4"))
        self.assertIn("First Reminder", changed[0].name)
        archived = self.kinds(lines)["archived"]
        self.assertEqual(len(archived), 1)
        self.assertIn(gone["name"]["en_US"], archived[0].name)
        self.assertEqual(self.exported(), before)

    def test_import_onto_a_code_updates_it(self):
        data = self.exported()
        rules = data["strategies"][0]["rules"]
        first = next(rule for rule in rules if rule["key"].endswith("rule_standard_first"))
        first["days_from"] = 4
        first["name"] = {"en_US": "Reminder after Four Days"}
        self.imported(data)
        rule = self.env.ref("collection_strategy.rule_standard_first")
        self.assertEqual(rule.days_from, 4)
        self.assertEqual(rule.with_context(lang="en_US").name, "Reminder after Four Days")

    def test_texts_travel_in_all_languages(self):
        self.env["res.lang"]._activate_lang("el_GR")
        script = self.env.ref("collection_strategy.script_first_call")
        greek = {
            term: f"Ελληνικά {number}"
            for number, term in enumerate(script._fields["body"].get_trans_terms(script.body))
        }
        script.update_field_translations("body", {"el_GR": greek})
        script.update_field_translations("name", {"el_GR": "Πρώτη κλήση"})
        wanted = script.with_context(lang="el_GR").body
        english = script.body
        data = self.exported()
        script.update_field_translations("body", {"el_GR": dict.fromkeys(greek, "?")})
        script.update_field_translations("name", {"el_GR": "?"})
        lines = self.imported(data)
        self.assertFalse(self.kinds(lines).get("error"))
        self.assertEqual(script.with_context(lang="el_GR").name, "Πρώτη κλήση")
        self.assertEqual(script.with_context(lang="el_GR").body, wanted)
        self.assertEqual(script.with_context(lang="en_US").body, english)
        self.assertEqual({line.kind for line in self.imported(data)}, {"same"})

    def test_languages_that_are_not_here_are_passed_over(self):
        data = self.exported()
        data["strategies"][0]["name"]["xx_YY"] = "Whatever"
        self.assertEqual({line.kind for line in self.imported(data)}, {"same"})

    def test_errors_name_rule_and_field(self):
        data = self.exported()
        rules = data["strategies"][0]["rules"]
        rules[1]["action"] = "telepathy"
        rules[2]["days_frm"] = 3
        rules[3]["days_from"] = "three"
        rules[4]["template_id"] = "nowhere.template"
        rules[5]["valid_from"] = "31.12.2025"
        rules[6]["name"] = False
        before = self.exported()
        errors = self.errors(data)
        self.assertEqual(len(errors), 6)
        names = [name for name, _field, _text in errors]
        for number, name in zip(range(2, 8), names, strict=True):
            self.assertIn(f"{number}. ", name)
            self.assertIn("Standard", name)
        fields = [field for _name, field, _text in errors]
        self.assertEqual(
            fields,
            [
                "Action (action)",
                "days_frm",
                "Days from (days_from)",
                "Template (template_id)",
                "Valid from (valid_from)",
                "Name (name)",
            ],
        )
        self.assertIn("telepathy", errors[0][2])
        self.assertIn("nowhere.template", errors[3][2])
        self.assertEqual(self.exported(), before, "with an error nothing is changed")

    def test_a_domain_that_cannot_be_used_is_refused(self):
        data = self.exported()
        data["strategies"][0]["rules"][1]["domain"] = "[('no_such_field', '=', 1)]"
        [(name, _field, text)] = self.errors(data)
        self.assertIn("2. ", name)
        self.assertIn("no_such_field", text)

    def test_broken_files_are_refused_in_words(self):
        for content, words in (
            (b"\xff\xfe\x00", "no text file"),
            ("{", "no JSON file"),
            ("[]", "no file of collection strategies"),
            ('{"format": "collection-strategy", "version": 99}', "version 99"),
            ('{"format": "collection-strategy", "version": 1}', "no strategy in the file"),
            ('{"format": "collection-strategy", "version": 1, "strategies": {}}', "a list"),
            (
                '{"format": "collection-strategy", "version": 1, "x": [], "strategies": []}',
                "no such",
            ),
            (
                '{"format": "collection-strategy", "version": 1, "strategies": [{"name": "A"}]}',
                "no key",
            ),
        ):
            lines = self.Strategy._import_json(content)
            self.assertEqual({line.kind for line in lines}, {"error"}, content)
            self.assertIn(words, " ".join(line.text for line in lines))

    def test_wizard_checks_then_imports(self):
        data = self.exported()
        data["strategies"][0].update(key="spring", code="spring", name="Spring")
        wizard = (
            self
            .env["collection.strategy.import"]
            .with_user(self.manager)
            .create({
                "file": base64.b64encode(json.dumps(data).encode()),
                "file_name": "spring.json",
            })
        )
        wizard.action_check()
        self.assertEqual(wizard.state, "checked")
        self.assertFalse(wizard.error_count)
        self.assertGreater(wizard.new_count, 10)
        self.assertFalse(self.Strategy.search([("code", "=", "spring")]))
        wizard.action_import()
        self.assertEqual(wizard.state, "done")
        self.assertTrue(self.Strategy.search([("code", "=", "spring")]))
        wizard.action_choose_another()
        with self.assertRaises(UserError):
            wizard.action_check()

    def test_wizard_lists_errors_and_does_not_import(self):
        data = self.exported()
        data["strategies"][0].update(key="autumn", code="autumn", sender="pigeon")
        wizard = self.env["collection.strategy.import"].create({
            "file": base64.b64encode(json.dumps(data).encode()),
        })
        wizard.action_import()
        self.assertEqual(wizard.error_count, 1)
        self.assertEqual(wizard.state, "checked")
        self.assertIn("pigeon", wizard.shown_line_ids[0].new)
        self.assertFalse(self.Strategy.search([("code", "=", "autumn")]))

    def test_only_the_manager_imports_and_copies(self):
        person = new_test_user(self.env, "exchange_leader", groups="collection.group_team_leader")
        with self.assertRaises(AccessError):
            self.Strategy.with_user(person)._import_json(json.dumps(self.exported()))
        with self.assertRaises(AccessError):
            self.env["collection.strategy.import"].with_user(person).create({})
        with self.assertRaises(AccessError):
            self.standard.with_user(person).action_copy()
        # but reads what the rules say
        self.assertIn("strategies", json.loads(self.standard.with_user(person)._export_json()))

    def test_copy_has_the_rules_and_a_code_of_its_own(self):
        action = self.standard.with_user(self.manager).action_copy()
        copy = self.Strategy.browse(action["res_id"])
        self.assertEqual(copy.code, "standard_2")
        self.assertEqual(copy.name, "Standard (copy)")
        self.assertEqual(copy.rule_ids.mapped("name"), self.standard.rule_ids.mapped("name"))
        self.assertFalse(copy.version_ids)
        self.assertEqual(self.standard.copy().code, "standard_3")


@tagged("post_install", "-at_install")
class TestExportFile(HttpCase):
    def test_export_is_a_file_of_the_strategy(self):
        new_test_user(self.env, "exporter", groups="collection.group_collection_manager")
        strategy = self.env.ref("collection_strategy.strategy_gentle")
        self.authenticate("exporter", "exporter")
        answer = self.url_open(strategy.action_export()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn("gentle.json", answer.headers["Content-Disposition"])
        self.assertEqual(answer.json()["strategies"][0]["key"], "gentle")

    @mute_logger("odoo.http")
    def test_export_needs_the_right_to_read(self):
        new_test_user(self.env, "stranger", groups="base.group_user")
        strategy = self.env.ref("collection_strategy.strategy_gentle")
        self.authenticate("stranger", "stranger")
        answer = self.url_open(f"/collection_strategy/export?ids={strategy.id}")
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.url_open("/collection_strategy/export?ids=x").status_code, 400)
