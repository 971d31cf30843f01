# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo in this process, on one database after the other."""

import contextlib
import os


def load(database):
    """Return the registry of a database, loaded with the suite's configuration."""
    import odoo.tools
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(
        ["-c", os.environ["ODOO_CONF"], "-d", database], setup_logging=False
    )
    return Registry(database)


@contextlib.contextmanager
def environment(database):
    """The superuser's environment in a database; whoever uses it may commit.

    Nothing is connected to the database afterwards.
    """
    from odoo import SUPERUSER_ID, api, sql_db
    from odoo.modules.registry import Registry

    try:
        with load(database).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
    finally:
        Registry.delete(database)
        sql_db.close_db(database)


@contextlib.contextmanager
def transaction(env):
    """A transaction beside that of ``env``, as another user's click is; it has begun already."""
    from odoo import api

    with env.registry.cursor() as cr:
        cr.execute("SELECT 1")  # from here on it sees the database as it is now
        yield api.Environment(cr, env.uid, {})
