from . import test_access
from . import test_amounts
from . import test_hooks
from . import test_screen
from . import test_stories
from . import test_tours
