# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tools import SQL


def post_init_hook(env):
    """Have the items of charges that are under way already blocked.

    What failed before stays as it is: no case is opened by an installation.
    """
    under_way = env["payment.charge.attempt"].search([("operation", "=", "charge")])
    under_way.filtered(lambda charge: charge._blocks_items())._touch_collection()


def uninstall_hook(env):
    """Take the blocks and the amounts of charges away, which nothing would keep up to date.

    The customers are computed again by the cron, without our steps.
    """
    # what waits to be computed would block the items anew
    env.cr.flush()
    rows = env.execute_query(
        SQL(
            """
            WITH gone AS (
                DELETE FROM collection_item_block
                      WHERE source_model = 'payment.charge.attempt'
                  RETURNING item_id),
            ended AS (
                UPDATE collection_item
                   SET state = 'cancelled'
                 WHERE charge_attempt_id IS NOT NULL AND state = 'open'
             RETURNING id)
            SELECT profile.company_id, array_agg(DISTINCT profile.commercial_partner_id)
              FROM (SELECT item_id FROM gone UNION SELECT id FROM ended) AS changed
              JOIN collection_item item ON item.id = changed.item_id
              JOIN collection_profile profile ON profile.id = item.profile_id
          GROUP BY profile.company_id
            """
        )
    )
    for company_id, partner_ids in rows:
        env["collection.cycle"]._postpone(company_id, partner_ids)
    # a night run that is under way goes on with the steps there are
    env.cr.execute(
        SQL(
            "DELETE FROM collection_cycle_chunk WHERE starts_with(step, 'collection.cycle.step.charge')"
        )
    )
    env.invalidate_all()
