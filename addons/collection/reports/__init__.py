from . import collection_report_collected
from . import collection_report_failed_payment
