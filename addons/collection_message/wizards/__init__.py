from . import collection_message_compose
from . import collection_incoming_address
from . import collection_incoming_choose
from . import collection_message_compose_reply
from . import collection_document_save
from . import collection_extension_wizard
from . import collection_statement_wizard
