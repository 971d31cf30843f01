from . import test_access
from . import test_debts
from . import test_panel
from . import test_tours
