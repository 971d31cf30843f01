# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [
    ("error", "Error"),
    ("new", "New"),
    ("changed", "Changed"),
    ("archived", "Archived"),
    ("same", "Unchanged"),
]
SECTION_LABELS = [
    ("strategies", "Strategy"),
    ("rules", "Rule"),
    ("scripts", "Call Script"),
    ("mail_templates", "Template"),
    ("sms_templates", "SMS Template"),
]


class CollectionStrategyImport(models.TransientModel):
    """Read strategies from a file: first tell what would change, then change it."""

    _name = "collection.strategy.import"
    _description = "Import Strategies"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    file = fields.Binary("File", attachment=False)
    file_name = fields.Char("Name of the File")
    state = fields.Selection(
        [("choose", "Choose a File"), ("checked", "Checked"), ("done", "Imported")],
        "State",
        default="choose",
        readonly=True,
    )
    line_ids = fields.One2many(
        "collection.strategy.import.line", "wizard_id", "What Changes", readonly=True
    )
    shown_line_ids = fields.Many2many(
        "collection.strategy.import.line",
        string="What Would Change",
        compute="_compute_shown_line_ids",
        help="Errors, if there are any; else all but what stays as it is.",
    )
    error_count = fields.Integer("Errors", compute="_compute_counts")
    new_count = fields.Integer("New", compute="_compute_counts")
    changed_count = fields.Integer("Changed", compute="_compute_counts")
    archived_count = fields.Integer("Archived", compute="_compute_counts")
    same_count = fields.Integer("Unchanged", compute="_compute_counts")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("line_ids.kind")
    def _compute_shown_line_ids(self):
        for wizard in self:
            errors = wizard.line_ids.filtered(lambda line: line.kind == "error")
            wizard.shown_line_ids = errors or wizard.line_ids.filtered(
                lambda line: line.kind != "same"
            )

    @api.depends("line_ids.kind", "line_ids.name")
    def _compute_counts(self):
        for wizard in self:
            for kind, _label in KINDS:
                lines = wizard.line_ids.filtered(lambda line, kind=kind: line.kind == kind)
                # a record that changes in three fields is one that changes
                wizard[f"{kind}_count"] = (
                    len(lines)
                    if kind == "error"
                    else len({(line.section, line.name) for line in lines})
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_check(self):
        """Tell what the file would change, or what is wrong with it; change nothing."""
        self._read_file(dry_run=True)
        self.state = "checked"
        return self._open()

    def action_import(self):
        """Import the file; with an error in it nothing is changed."""
        self._read_file(dry_run=False)
        self.state = "checked" if self.error_count else "done"
        return self._open()

    def action_choose_another(self):
        """Go back to choosing a file."""
        self.line_ids.unlink()
        self.write({"state": "choose", "file": False, "file_name": False})
        return self._open()

    def action_open_strategies(self):
        """Show the strategies."""
        return self.env["ir.actions.act_window"]._for_xml_id("collection_strategy.action_strategy")

    def _read_file(self, dry_run):
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        lines = self.env["collection.strategy"]._import_json(
            base64.b64decode(self.file), dry_run=dry_run
        )
        order = [kind for kind, _label in KINDS]
        self.line_ids.unlink()
        self.env["collection.strategy.import.line"].create([
            {
                "wizard_id": self.id,
                "sequence": order.index(line.kind),
                "kind": line.kind,
                "section": line.section or False,
                "name": line.name,
                "field": line.field,
                "old": line.old,
                "new": line.text or line.new,
            }
            for line in lines
        ])

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Strategies"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class CollectionStrategyImportLine(models.TransientModel):
    """One thing that the import changes, or an error in the file."""

    _name = "collection.strategy.import.line"
    _description = "Line of an Import of Strategies"
    _order = "sequence, id"

    wizard_id = fields.Many2one(
        "collection.strategy.import", "Import", required=True, ondelete="cascade"
    )
    sequence = fields.Integer("Sequence")
    kind = fields.Selection(KINDS, "What", required=True)
    section = fields.Selection(SECTION_LABELS, "Of")
    name = fields.Char("Name")
    field = fields.Char("Field")
    old = fields.Char("Was")
    new = fields.Char("Becomes", help="The new value, or what is wrong.")
