# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a version of a strategy said, for people to read."""

from markupsafe import Markup

from odoo import api, fields, models


class CollectionStrategyVersion(models.Model):
    _inherit = "collection.strategy.version"

    rules_html = fields.Html(
        "Rules in This Version",
        compute="_compute_rules_html",
        help="The rules as they were in this version.",
    )
    changes_text = fields.Char(
        "What Changed",
        compute="_compute_changes_text",
        help="What is not as it was in the version before.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("definition")
    @api.depends_context("lang")
    def _compute_rules_html(self):
        Rule = self.env["collection.rule"]
        labels = Rule.fields_get(attributes=["string"])
        for version in self:
            rows = Markup("").join(
                Markup("<tr><td class='align-top pe-3'><strong>%s</strong>%s</td><td>%s</td></tr>")
                % (
                    version._text(rule.get("name")),
                    "" if rule.get("active", True) else self.env._(" (not in use)"),
                    Markup("<br/>").join(
                        f"{labels[name]['string']}: {version._shown(Rule, name, value)}"
                        for name, value in rule.items()
                        if name in labels and name not in ("name", "active", "sequence")
                    ),
                )
                for rule in (version.definition or {}).get("rules", ())
            )
            version.rules_html = Markup("<table class='table table-sm'>%s</table>") % rows

    @api.depends("definition", "number")
    @api.depends_context("lang")
    def _compute_changes_text(self):
        known = {}
        for version in self.search([("strategy_id", "in", self.strategy_id.ids)], order="number"):
            known.setdefault(version.strategy_id, []).append(version)
        for version in self:
            before = [
                one for one in known.get(version.strategy_id, ()) if one.number < version.number
            ]
            version.changes_text = (
                version._changes_since(before[-1]) if before else self.env._("The first version")
            )

    def _changes_since(self, before):
        """Return in words what the version says otherwise than the one before."""
        now, then = self._rules_by_name(), before._rules_by_name()
        parts = [
            (self.env._("New"), [name for name in now if name not in then]),
            (
                self.env._("Changed"),
                [name for name in now if name in then and now[name] != then[name]],
            ),
            (self.env._("Left out"), [name for name in then if name not in now]),
        ]
        texts = [f"{label}: {', '.join(names)}" for label, names in parts if names]
        return ". ".join(texts) or self.env._("The strategy itself")

    def _rules_by_name(self):
        self.ensure_one()
        return {
            self._text(rule.get("name")): rule for rule in (self.definition or {}).get("rules", ())
        }

    @api.model
    def _text(self, value):
        """Return a text kept by language in the language of the user."""
        if isinstance(value, dict):
            return value.get(self.env.lang) or value.get("en_US") or next(iter(value.values()), "")
        return value or ""

    @api.model
    def _shown(self, model, name, value):
        """Return a kept value as people read it."""
        field = model._fields[name]
        if field.translate:
            return self._text(value)
        if field.type == "many2one":
            return value[1]
        if field.type == "many2many":
            return ", ".join(label for _id, label in value)
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        return value
