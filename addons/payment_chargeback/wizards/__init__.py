from . import payment_chargeback_open
from . import payment_chargeback_outcome
from . import payment_card_edit
from . import payment_provider_event_assign
