from . import test_signature
from . import test_webhook
from . import test_evidence
from . import test_cards
