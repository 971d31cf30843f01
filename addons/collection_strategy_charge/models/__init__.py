from . import collection_rule
from . import collection_action
from . import collection_worklist
