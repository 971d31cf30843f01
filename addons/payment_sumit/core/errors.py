# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import ValidationError


class SumitRefused(ValidationError):
    """SUMIT got the request and refused it: nothing was charged."""


class SumitNotSent(ValidationError):
    """The request did not reach SUMIT: nothing was charged."""


class SumitUnknown(ValidationError):
    """The request may have reached SUMIT, but no answer says what came of it."""
