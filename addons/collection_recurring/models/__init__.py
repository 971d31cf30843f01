from . import recurring_document
from . import collection_profile
