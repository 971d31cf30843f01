# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Tells whoever has their worklist open to look again; says nothing of what has changed."""

import logging

from odoo import SUPERUSER_ID, api, models
from odoo.modules.registry import Registry

_logger = logging.getLogger(__name__)

# what the client listens to
LOOK_AGAIN = "collection.worklist/look_again"
# where the transaction keeps who is to be told
PEOPLE = "collection.worklist.people"


class CollectionWorklist(models.AbstractModel):
    _inherit = "collection.worklist"

    @api.model
    def _look_again(self, user_ids):
        """Have people look at their worklist again once the transaction is committed.

        Each is told once, however much of their work the transaction changes; what is rolled
        back tells nobody.

        :param user_ids: ids of users
        """
        if not user_ids:
            return
        postcommit = self.env.cr.postcommit
        people = postcommit.data.get(PEOPLE)
        if people is None:
            people = postcommit.data[PEOPLE] = set()
            dbname = self.env.cr.dbname

            @postcommit.add
            def tell():
                told = postcommit.data.pop(PEOPLE, ())
                # what comes after the commit has a transaction of its own
                try:
                    with Registry(dbname).cursor() as cr:
                        env = api.Environment(cr, SUPERUSER_ID, {})
                        env["collection.worklist"]._tell(told)
                except Exception:
                    # what was done is done, and the client looks each minute anyway
                    _logger.exception("Nobody was told that the worklist of %s has changed", told)

        people.update(user_ids)

    @api.model
    def _tell(self, user_ids):
        """Tell users, and whoever stands in for them today, to look again."""
        users = self.env["res.users"].browse(sorted(user_ids)).exists()
        users |= users.collection_substitute_id
        users.filtered(lambda user: user.active and not user.share)._bus_send(LOOK_AGAIN, {})
