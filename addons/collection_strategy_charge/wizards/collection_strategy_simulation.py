# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

CHARGE = [("charge", "Charge"), ("escalate",)]


class CollectionStrategySimulationCount(models.TransientModel):
    _inherit = "collection.strategy.simulation.count"

    kind = fields.Selection(selection_add=CHARGE)


class CollectionStrategySimulationDay(models.TransientModel):
    _inherit = "collection.strategy.simulation.day"

    kind = fields.Selection(selection_add=CHARGE)


class CollectionStrategySimulationLine(models.TransientModel):
    _inherit = "collection.strategy.simulation.line"

    kind = fields.Selection(selection_add=CHARGE)
