# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """Take away what the host does not know of: the sequence of the claims."""
    env.cr.execute("DROP SEQUENCE IF EXISTS collection_message_claim_seq")
