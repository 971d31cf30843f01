# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from . import payment_provider
from . import payment_token
from . import payment_transaction
