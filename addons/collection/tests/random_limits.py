# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""How long tests with random data go on."""

import os
import tempfile

from hypothesis import HealthCheck, Phase, settings
from hypothesis.configuration import set_hypothesis_home_dir

LONG = os.environ.get("COLLECTION_SUITE_LONG") == "1"
# nothing is left in the folder the server was started from
set_hypothesis_home_dir(os.path.join(tempfile.gettempdir(), "collection_hypothesis"))


def limits(examples, long_examples):
    """Return the settings of a test: always the same examples, or more and new ones.

    The longer test is done with ``COLLECTION_SUITE_LONG=1`` in the environment.
    """
    return settings(
        max_examples=long_examples if LONG else examples,
        deadline=None,
        derandomize=not LONG,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
