from . import test_ageing
from . import test_cases
from . import test_customer_screen
from . import test_items
