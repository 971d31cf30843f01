from . import test_core
from . import test_chargeback
from . import test_books
from . import test_reports
from . import test_evidence
from . import test_cards
from . import test_access
from . import test_screens
