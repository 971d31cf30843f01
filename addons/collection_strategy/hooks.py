# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).


def post_init_hook(env):
    """Put the work that is there already on the worklist, not only from the next night on."""
    env["collection.action"]._repair_sources()
