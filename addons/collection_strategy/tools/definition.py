# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a record says, as JSON: the stored values that people fill in."""

from odoo import fields, models


def definition_of(record, left_out=()):
    """Return {field: value} of what is filled in, names beside ids, texts in every language.

    :param left_out: names of fields that are told elsewhere
    """
    kept = {}
    for name, field in record._fields.items():
        if (
            not field.store
            or field.compute
            or field.related
            or name in left_out
            or name in models.MAGIC_COLUMNS
            or field.type == "one2many"
        ):
            continue
        value = _value(record, field)
        if value not in (False, None, "", 0, []):
            kept[name] = value
    # whether it is in use counts, also where it is not
    if "active" in record._fields:
        kept["active"] = record.active
    return kept


def _value(record, field):
    if field.translate:
        texts = field._get_stored_translations(record) or {}
        return texts if len(texts) > 1 else next(iter(texts.values()), False)
    value = record[field.name]
    if field.type == "many2one":
        return [value.id, value.display_name] if value else False
    if field.type == "many2many":
        return [[other.id, other.display_name] for other in value.sorted("id")]
    if field.type == "date":
        return fields.Date.to_string(value) if value else False
    if field.type == "datetime":
        return fields.Datetime.to_string(value) if value else False
    return value
