from . import payment_link_wizard
from . import payment_request_pay
from . import payment_request_take_back
