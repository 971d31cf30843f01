# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from werkzeug.exceptions import BadRequest, NotFound

from odoo import http
from odoo.http import request
from odoo.tools.pdf import merge_pdf


class LettersController(http.Controller):
    """Gives the printed letters of some messages as one PDF."""

    @http.route("/collection_message/letters", type="http", auth="user", readonly=True)
    def letters(self, ids):
        """Return the letters of the messages ``ids``, as they were printed, in this order."""
        try:
            numbers = [int(number) for number in ids.split(",")]
        except ValueError as error:
            raise BadRequest("ids: numbers of messages, with commas between") from error
        messages = request.env["collection.message"].browse(numbers).exists()
        messages.check_access("read")
        # sudo: the letters of messages that the user may read
        letters = [message.letter_id.sudo() for message in messages if message.letter_id.sudo()]
        if not letters:
            raise NotFound
        content = merge_pdf([letter.raw for letter in letters])
        name = letters[0].name if len(letters) == 1 else "letters.pdf"
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Content-Disposition", http.content_disposition(name, "inline")),
            ],
        )
