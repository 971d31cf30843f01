from . import collection_action_close
from . import collection_action_call
from . import collection_action_resubmit
from . import collection_contact_log_wizard
from . import collection_strategy_import
from . import collection_strategy_simulation
