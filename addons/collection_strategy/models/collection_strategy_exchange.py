# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Copies strategies and writes them to a file that another database can read."""

import json

from odoo import api, fields, models

FORMAT = "collection-strategy"
FORMAT_VERSION = 1
# sections of a file, in the order in which they are read: rules name scripts and templates
SECTIONS = {
    "scripts": "collection.script",
    "mail_templates": "mail.template",
    "sms_templates": "sms.template",
    "strategies": "collection.strategy",
    "rules": "collection.rule",
}
# of the host's models the fields that make a text; of ours, all that people fill in
TEXT_FIELDS = {
    "mail.template": (
        "name",
        "description",
        "subject",
        "body_html",
        "collection_channel",
        "collection_kind",
        "collection_attach_invoices",
        "collection_attach_statement",
    ),
    "sms.template": ("name", "body"),
}
# what does not travel: whom it belongs to here, and what the runs keep up
LEFT_OUT = frozenset({"company_id", "currency_id", "strategy_id", "version_ids"})
# by what other records are found again, in the first of the fields that they have
NAMED_BY = {
    "res.country": "code",
    "res.lang": "code",
    "res.currency": "name",
    "res.users": "login",
}
TRAVELLING = frozenset({
    "boolean",
    "char",
    "date",
    "float",
    "html",
    "integer",
    "many2many",
    "many2one",
    "monetary",
    "selection",
    "text",
})


class CollectionStrategy(models.Model):
    _inherit = "collection.strategy"

    # ------------------------------------------------------------
    # COPY
    # ------------------------------------------------------------

    def copy_data(self, default=None):
        default = dict(default or {})
        vals_list = super().copy_data(default)
        # sudo: a code is taken whoever may see the strategy
        taken = set(
            self
            .sudo()  # sudo: as above
            .with_context(active_test=False)
            .search([("code", "!=", False)])
            .mapped("code")
        )
        for strategy, vals in zip(self, vals_list, strict=True):
            if "code" not in default:
                number = 2
                while f"{strategy.code}_{number}" in taken:
                    number += 1
                vals["code"] = f"{strategy.code}_{number}"
                taken.add(vals["code"])
            if "name" not in default:
                vals["name"] = self.env._("%s (copy)", strategy.name)
        return vals_list

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_copy(self):
        """Copy the strategy with its rules and open the copy."""
        self.ensure_one()
        # the rules that are not in use too
        copy = self.with_context(active_test=False).copy()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": copy.id,
            "view_mode": "form",
            "target": "current",
        }

    def action_export(self):
        """Give the strategies as a file."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/collection_strategy/export?ids={','.join(str(one.id) for one in self)}",
            "target": "download",
        }

    # ------------------------------------------------------------
    # EXPORT
    # ------------------------------------------------------------

    def _export_json(self):
        """Return the text of a file with the strategies, their rules, scripts and templates."""
        return json.dumps(self._export_data(), indent=2, ensure_ascii=False) + "\n"

    def _export_data(self):
        """Return what a file holds; people, companies and figures of this database stay out."""
        strategies = self.with_context(active_test=False)
        rules = strategies.rule_ids
        records = {
            "scripts": rules.script_id,
            "mail_templates": rules.template_id,
            "sms_templates": rules.sms_template_id,
        }
        data = {"format": FORMAT, "version": FORMAT_VERSION}
        for section, found in records.items():
            data[section] = [self._export_record(record) for record in found.sorted("id")]
        data["strategies"] = [
            {
                **self._export_record(strategy),
                "rules": [self._export_record(rule) for rule in strategy.rule_ids],
            }
            for strategy in strategies
        ]
        return data

    @api.model
    def _export_record(self, record):
        return {
            "key": self._exchange_key(record),
            **{
                name: self._export_value(record, field)
                for name, field in self._exchange_fields(record._name).items()
            },
        }

    @api.model
    def _exchange_fields(self, model):
        """Return the fields of a model that travel, by name."""
        Model = self.env[model]
        own = TEXT_FIELDS.get(model)
        if own:
            return {name: Model._fields[name] for name in own}
        return {
            name: field
            for name, field in Model._fields.items()
            if field.store
            and not field.compute
            and not field.related
            and name not in models.MAGIC_COLUMNS
            and not field.readonly
            and field.type in TRAVELLING
            and name not in LEFT_OUT
            and not (field.inherited or name.startswith(("message_", "activity_")))
        }

    @api.model
    def _exchange_key(self, record):
        """Return what a record is found by in another database."""
        if record._name == "collection.strategy":
            return record.code
        xmlid = record.get_external_id()[record.id]
        if xmlid and not xmlid.startswith("__"):
            return xmlid
        return record.with_context(lang="en_US").name

    @api.model
    def _export_value(self, record, field):
        if field.translate:
            # sudo: the texts as they are kept, of a record that was read already
            stored = field._get_stored_translations(record.sudo()) or {}
            installed = {"en_US", *(code for code, _name in self.env["res.lang"].get_installed())}
            return {lang: stored[lang] for lang in sorted(stored) if lang in installed}
        value = record[field.name]
        if field.type == "many2one":
            return self._exchange_name(value)
        if field.type == "many2many":
            return sorted(self._exchange_name(one) for one in value)
        if field.type == "date":
            return fields.Date.to_string(value) if value else False
        if field.type == "html":
            return str(value) if value else False
        return value

    @api.model
    def _exchange_name(self, record):
        """Return by what a file names another record."""
        if not record:
            return False
        named_by = NAMED_BY.get(record._name)
        if named_by:
            return record[named_by]
        return self._exchange_key(record)
