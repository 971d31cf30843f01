from . import payment_charge_attempt
from . import payment_request
from . import recurring_period
from . import collection_cycle
from . import recurring_document
from . import collection_profile
