# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionActionItem(models.Model):
    """That an action is about an item, because of a rule; what repeats are counted from."""

    _name = "collection.action.item"
    _description = "Item of a Planned Action"
    _order = "id"
    _rec_name = "item_id"
    # SQL writes hundreds of thousands of rows; when and by whom is told by the action
    _log_access = False

    # found by the index below
    action_id = fields.Many2one("collection.action", "Action", required=True, ondelete="cascade")
    item_id = fields.Many2one(
        "collection.item", "Item", required=True, ondelete="cascade", index=True
    )
    rule_id = fields.Many2one(
        "collection.rule",
        "Other Rule",
        ondelete="set null",
        help="The rule that asks for the item, where it is not the one that speaks for the action.",
    )

    _action_item_rule_uniq = models.UniqueIndex(
        "(action_id, item_id, COALESCE(rule_id, 0))", "An action names an item once for every rule."
    )
