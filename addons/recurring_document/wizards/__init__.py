from . import recurring_pause
from . import recurring_resume
from . import recurring_resume_line
from . import recurring_stop
from . import recurring_apply
from . import recurring_import
from . import recurring_import_error
from . import recurring_import_order
