from . import test_core
from . import test_charge
from . import test_outcomes
from . import test_refund
from . import test_retry
from . import test_screens
from . import test_tours
from . import test_line
