# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from werkzeug.exceptions import BadRequest, NotFound

from odoo import http
from odoo.http import request


class StrategyExportController(http.Controller):
    """Gives strategies as a file that another database can read."""

    @http.route("/collection_strategy/export", type="http", auth="user", readonly=True)
    def export(self, ids):
        """Return the strategies ``ids`` with rules, scripts and templates as JSON."""
        try:
            numbers = [int(number) for number in ids.split(",")]
        except ValueError as error:
            raise BadRequest("ids: numbers of strategies, with commas between") from error
        strategies = request.env["collection.strategy"].browse(numbers).exists()
        strategies.check_access("read")
        if not strategies:
            raise NotFound
        name = strategies.code if len(strategies) == 1 else "strategies"
        return request.make_response(
            strategies._export_json(),
            headers=[
                ("Content-Type", "application/json; charset=utf-8"),
                ("Content-Disposition", http.content_disposition(f"{name}.json")),
            ],
        )
