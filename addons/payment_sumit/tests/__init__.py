# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from . import test_answer
from . import test_card_page
from . import test_charge
from . import test_neutralize
from . import test_provider
from . import test_query
from . import test_redirect
from . import test_refund
from . import test_token
