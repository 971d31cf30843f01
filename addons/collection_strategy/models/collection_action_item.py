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

    # found by the index of the constraint below
    action_id = fields.Many2one("collection.action", "Action", required=True, ondelete="cascade")
    item_id = fields.Many2one("collection.item", "Item", required=True, ondelete="cascade")
    rule_id = fields.Many2one("collection.rule", "Rule", ondelete="set null")

    _action_item_rule_uniq = models.Constraint(
        "unique (action_id, item_id, rule_id)", "An action names an item once for every rule."
    )
    _item_rule_index = models.Index("(item_id, rule_id)")
