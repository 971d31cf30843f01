from . import payment_charge_screen
from . import payment_charge_screen_line
from . import payment_charge_refund
from . import payment_charge_resolve
