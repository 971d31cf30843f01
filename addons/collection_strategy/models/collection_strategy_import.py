# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Reads strategies from a file: the same rules as where it was written, or errors in words."""

import json
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from .collection_strategy_exchange import FORMAT, FORMAT_VERSION, NAMED_BY, SECTIONS, TEXT_FIELDS


@dataclass
class ExchangeLine:
    """One thing that an import does, or cannot do.

    :param kind: ``new``, ``changed``, ``same``, ``archived``, ``error`` or ``note``
    :param section: key of :data:`SECTIONS`
    :param name: what the record is called
    :param field: label of the field, where the line is about one
    """

    kind: str
    section: str
    name: str
    field: str = ""
    old: str = ""
    new: str = ""
    text: str = ""


class CollectionStrategy(models.Model):
    _inherit = "collection.strategy"

    # ------------------------------------------------------------
    # IMPORT
    # ------------------------------------------------------------

    @api.model
    def _import_json(self, content, dry_run=False):
        """Read a file; with an error anywhere nothing is changed.

        :param content: bytes or text of the file
        :param bool dry_run: only tell what would be new and what would change
        :return: list of :class:`ExchangeLine`; what it did, or the errors
        """
        self.check_access("create")
        data, lines = self._import_parsed(content)
        if lines:
            return lines
        try:
            # what the import would do is found out by doing it
            with self.env.cr.savepoint():
                lines = self._import_data(data)
                self.env.flush_all()
                if dry_run or any(line.kind == "error" for line in lines):
                    raise _TakeBackError
        except _TakeBackError:
            self.env.invalidate_all()
        return lines

    @api.model
    def _import_parsed(self, content):
        """Return the data of a file and the lines on what is wrong with it as a whole."""
        if isinstance(content, bytes):
            try:
                content = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                return {}, [self._import_error("", "", self.env._("The file is no text file."))]
        try:
            data = json.loads(content)
        except ValueError as error:
            text = self.env._("The file is no JSON file: %s", error)
            return {}, [self._import_error("", "", text)]
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            text = self.env._("This is no file of collection strategies.")
            return {}, [self._import_error("", "", text)]
        if data.get("version") != FORMAT_VERSION:
            text = self.env._(
                "The file has version %(found)s of the format; this one reads version %(known)s.",
                found=data.get("version"),
                known=FORMAT_VERSION,
            )
            return {}, [self._import_error("", "", text)]
        known = {"format", "version", *SECTIONS} - {"rules"}
        lines = [
            self._import_error("", name, self.env._("There is no such section."))
            for name in sorted(set(data) - known)
        ]
        for section in known - {"format", "version"}:
            rows = data.get(section, [])
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                lines.append(
                    self._import_error(section, section, self.env._("This has to be a list."))
                )
        if not lines and not data.get("strategies"):
            lines.append(
                self._import_error("", "", self.env._("There is no strategy in the file."))
            )
        return data, lines

    @api.model
    def _import_data(self, data):
        lines = []
        known = {}
        for section in ("scripts", "mail_templates", "sms_templates"):
            known[SECTIONS[section]] = self._import_rows(
                section, data.get(section, []), known, lines
            )
        for row in data["strategies"]:
            row = dict(row)
            rules = row.pop("rules", [])
            found = self._import_rows("strategies", [row], known, lines)
            for strategy in found.values():
                self._import_rules(strategy, rules, known, lines)
        return lines

    @api.model
    def _import_rules(self, strategy, rows, known, lines):
        """Bring the rules of a strategy to what a file says; the others are archived."""
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            text = self.env._("This has to be a list.")
            lines.append(self._import_error("strategies", strategy.name, text, "rules"))
            return
        strategy = strategy.with_context(active_test=False)
        before = strategy.rule_ids
        kept = self._import_rows("rules", rows, known, lines, before, strategy)
        if any(line.kind == "error" for line in lines):
            # a rule with an error is in the file all the same
            return
        for rule in before.filtered("active") - before.browse().union(*kept.values()):
            rule.active = False
            lines.append(ExchangeLine("archived", "rules", self._import_rule_name(strategy, rule)))

    @api.model
    def _import_rows(self, section, rows, known, lines, among=None, strategy=None):
        """Read the rows of one section.

        :param dict known: {model: {key: record}} of what was read before, and the keys of what
            could not be read: {"failed": keys}
        :param among: the records one of which a row may be; all where empty
        :return: {key: record}
        """
        model = SECTIONS[section]
        found = {}
        for number, row in enumerate(rows, 1):
            key = row.get("key")
            name = self._import_name(row) or self.env._("number %s", number)
            if strategy:
                name = f"{strategy.name} / {number}. {name}"
            if not isinstance(key, str) or not key.strip():
                text = self.env._("It has no key.")
                lines.append(self._import_error(section, name, text, "key"))
                continue
            if section == "strategies" and row.get("code", key) != key:
                text = self.env._("Key and code are not the same.")
                lines.append(self._import_error(section, name, text, "code"))
                continue
            if key in found and section != "rules":
                text = self.env._("The key stands there twice: %s", key)
                lines.append(self._import_error(section, name, text, "key"))
                continue
            values, errors = self._import_values(model, row, known)
            if errors:
                known.setdefault("failed", set()).add(key)
                lines.extend(
                    self._import_error(section, name, text, field) for field, text in errors
                )
                continue
            record = self._import_match(model, key, self._import_name(row, "en_US"), among)
            if among is not None:
                # of two rules with one name each is one
                among -= record
            if strategy and not record:
                values["strategy_id"] = strategy
            try:
                with self.env.cr.savepoint():
                    record = self._import_record(section, name, record, values, lines)
                    self.env.flush_all()
            except (UserError, ValidationError, AccessError, ValueError) as error:
                known.setdefault("failed", set()).add(key)
                lines.append(self._import_error(section, name, str(error), self._field_of(error)))
                continue
            found[f"{key} {number}" if key in found else key] = record
        return found

    @api.model
    def _import_record(self, section, name, record, values, lines):
        """Create or change one record; add what was done to ``lines``."""
        texts = values.pop("texts")
        labels = self.env[SECTIONS[section]].fields_get([*values, *texts], ["string"])
        kind = "changed"
        if not record:
            kind = "new"
            english = {
                field: text.get("en_US") or next(iter(text.values()), False)
                for field, text in texts.items()
            }
            base = self.env[SECTIONS[section]].with_context(lang="en_US")
            record = base.create({
                **{
                    field: self._import_written(base._fields[field], value)
                    for field, value in values.items()
                },
                **english,
                **self._import_defaults(section),
            }).with_env(self.env)
            lines.append(ExchangeLine("new", section, name))
            self._import_texts(record, texts)
            return record
        changed = {}
        for field_name, value in values.items():
            field = record._fields[field_name]
            if not self._import_same(field, record[field_name], value):
                changed[field_name] = self._import_written(field, value)
                lines.append(
                    ExchangeLine(
                        kind,
                        section,
                        name,
                        labels[field_name]["string"],
                        self._import_shown(field, record[field_name]),
                        self._import_shown(field, value),
                    )
                )
        if changed:
            record.write(changed)
        differing = self._import_texts(record, texts)
        for field_name, lang, old, new in differing:
            lines.append(
                ExchangeLine(
                    kind,
                    section,
                    name,
                    f"{labels[field_name]['string']} ({lang})",
                    old or "",
                    new or "",
                )
            )
        if not changed and not differing:
            lines.append(ExchangeLine("same", section, name))
        return record

    @api.model
    def _import_defaults(self, section):
        """Return further values of new records, which a file does not name."""
        if section in ("mail_templates", "sms_templates"):
            return {"model_id": self.env["ir.model"]._get_id("collection.message")}
        return {}

    @api.model
    def _import_texts(self, record, texts):
        """Write texts in the languages of this database; return those that differed."""
        installed = {"en_US", *(code for code, _name in self.env["res.lang"].get_installed())}
        differing = []
        for name, wanted in texts.items():
            field = record._fields[name]
            stored = field._get_stored_translations(record) or {}
            wanted = {lang: text for lang, text in wanted.items() if lang in installed}
            changed = {
                lang: text
                for lang, text in wanted.items()
                if (stored.get(lang) or False) != (text or False)
            }
            if not changed:
                continue
            differing += [(name, lang, stored.get(lang), changed[lang]) for lang in sorted(changed)]
            if "en_US" in changed:
                record.with_context(lang="en_US")[name] = changed["en_US"]
            others = {lang: text for lang, text in wanted.items() if lang != "en_US"}
            if callable(field.translate) and others:
                english = record.with_context(lang="en_US")[name]
                terms = field.get_translation_dictionary(english, others)
                others = {
                    lang: {term: by_lang[lang] for term, by_lang in terms.items()}
                    for lang in others
                }
            if others:
                record.update_field_translations(name, others)
        # cleaning may leave a text other than the file has; then it was the same before
        return [
            (name, lang, old, new)
            for name, lang, old, new in differing
            if (record._fields[name]._get_stored_translations(record) or {}).get(lang) != old
        ]

    @api.model
    def _import_written(self, field, value):
        """Return a value as ``write()`` takes it."""
        if field.type == "many2many":
            return [Command.set(value.ids)]
        return value.id if field.type == "many2one" else value

    @api.model
    def _import_same(self, field, current, value):
        if field.type in ("many2many", "many2one"):
            return set(current.ids) == set(value.ids)
        if field.type in ("monetary", "float"):
            return abs((current or 0) - (value or 0)) < 0.005
        return (current or False) == (value or False)

    @api.model
    def _import_shown(self, field, value):
        """Return a value as people read it."""
        if isinstance(value, models.BaseModel):
            return ", ".join(value.mapped("display_name"))
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        return "" if value is False or value is None else str(value)

    # ------------------------------------------------------------
    # VALUES OF A ROW
    # ------------------------------------------------------------

    @api.model
    def _import_values(self, model, row, known):
        """Return the values of a row, and (field, what is wrong) of those that are not right."""
        own = self._exchange_fields(model)
        values, texts, errors = {}, {}, []
        for name, value in row.items():
            if name == "key":
                continue
            field = own.get(name)
            if field is None:
                errors.append((name, self.env._("There is no such field.")))
                continue
            try:
                if field.translate:
                    texts[name] = self._import_text(value)
                else:
                    values[name] = self._import_value(field, value, known)
            except ValueError as error:
                errors.append((name, str(error)))
        if model == "collection.strategy":
            values.setdefault("code", row["key"])
        for name, field in own.items():
            given = texts.get(name, {}) if field.translate else values.get(name, row.get(name))
            has_default = field.default is not None
            if field.required and not has_default and not given and name not in dict(errors):
                errors.append((name, self.env._("This has to be filled in.")))
        return {**values, "texts": texts}, errors

    @api.model
    def _import_text(self, value):
        """Return a text by language; one without a language is English."""
        if value is False or value is None:
            return {}
        if isinstance(value, str):
            return {"en_US": value}
        if isinstance(value, dict) and all(
            isinstance(lang, str) and isinstance(text, str) for lang, text in value.items()
        ):
            return value
        raise ValueError(self.env._("This has to be a text, or texts by language."))

    @api.model
    def _import_value(self, field, value, known):
        """Return the value of a field, checked; raise ``ValueError`` with what is wrong."""
        if field.type in ("many2many", "many2one"):
            return self._import_relation(field, value, known)
        if field.type == "boolean":
            if not isinstance(value, bool):
                raise ValueError(self.env._("This has to be true or false: %s", value))
            return value
        if field.type in ("integer", "float", "monetary"):
            return self._import_number(field, value)
        if value is False or value is None:
            return False
        if not isinstance(value, str):
            raise ValueError(self.env._("This has to be a text: %s", value))
        if field.type == "date":
            return self._import_date(value)
        if field.type == "selection" and value not in field.get_values(self.env):
            raise ValueError(
                self.env._(
                    "“%(value)s” is none of: %(known)s",
                    value=value,
                    known=", ".join(field.get_values(self.env)),
                )
            )
        return value

    @api.model
    def _import_relation(self, field, value, known):
        records = self.env[field.comodel_name]
        if field.type == "many2one":
            return self._import_reference(field, value, known) if value else records
        if not isinstance(value, list):
            raise ValueError(self.env._("This has to be a list."))
        return records.union(*(self._import_reference(field, one, known) for one in value))

    @api.model
    def _import_number(self, field, value):
        if value is False or value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(self.env._("This has to be a number: %s", value))
        if field.type == "integer" and value != int(value):
            raise ValueError(self.env._("This has to be a whole number: %s", value))
        return value

    @api.model
    def _import_date(self, value):
        try:
            return fields.Date.to_date(value)
        except ValueError as error:
            raise ValueError(
                self.env._("This has to be a date such as 2025-12-31: %s", value)
            ) from error

    @api.model
    def _import_reference(self, field, value, known):
        """Return the record that a file names, of those read before or of this database."""
        model = field.comodel_name
        if not isinstance(value, str):
            raise ValueError(self.env._("This has to be a text: %s", value))
        record = known.get(model, {}).get(value)
        if not record and value in known.get("failed", ()):
            raise ValueError(self.env._("“%s” has an error of its own.", value))
        if not record:
            named_by = NAMED_BY.get(model)
            if named_by:
                record = self.env[model].search([(named_by, "=", value)], limit=1)
            else:
                record = self._import_match(model, value)
        if record:
            return record
        raise ValueError(
            self.env._(
                "There is no “%(value)s” here (%(model)s).",
                model=self.env["ir.model"]._get(model).name,
                value=value,
            )
        )

    @api.model
    def _import_match(self, model, key, name=None, among=None):
        """Return the record that a key names: by its external identifier, else by its name.

        :param str name: its English name, where it is not the key
        :param among: records one of which it has to be; any where empty
        """
        Model = self.env[model].with_context(active_test=False)
        if model == "collection.strategy":
            # one of the company comes before one for all companies
            return Model.search(
                [("code", "=", key), ("company_id", "in", (self.env.company.id, False))],
                order="company_id",
                limit=1,
            )
        if "." in key and " " not in key:
            record = self.env.ref(key, raise_if_not_found=False)
            if record and record._name == model and (among is None or record in among):
                return record.with_env(self.env)
        names = {key, name or key}
        if among is not None:
            english = among.with_context(lang="en_US")
            return english.filtered(lambda record: record.name in names)[:1].with_env(self.env)
        domain = [("name", "in", list(names))]
        if model in TEXT_FIELDS:
            domain.append(("model", "=", "collection.message"))
        return (
            Model.with_context(lang="en_US").search(domain, order="id", limit=1).with_env(self.env)
        )

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _import_name(self, row, lang=None):
        """Return what a row of a file is called, in the language of the user unless said."""
        name = row.get("name")
        if isinstance(name, dict):
            lang = lang or self.env.lang
            name = name.get(lang) or name.get("en_US") or next(iter(name.values()), "")
        return name if isinstance(name, str) and name else row.get("key") or ""

    @api.model
    def _import_rule_name(self, strategy, rule):
        return f"{strategy.name} / {rule.name}"

    @api.model
    def _import_error(self, section, name, text, field=""):
        """Return the line of an error; ``field`` by its label where it has one."""
        model = SECTIONS.get(section)
        if model and field in self.env[model]._fields:
            label = self.env[model].fields_get([field], ["string"])[field]["string"]
            field = f"{label} ({field})"
        return ExchangeLine("error", section, name, field, text=text)

    @api.model
    def _field_of(self, error):
        """Return the field an error is about, where it says so."""
        return getattr(error, "field", "")


class _TakeBackError(Exception):
    """Ends a dry run: what it did is taken back."""
