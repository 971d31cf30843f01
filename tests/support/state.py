# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The state of collections as text that two databases can be compared by.

Ids, numbers and times differ from run to run and are left out: records are named by what they are.
"""

PARTS = {
    "customers": """
        SELECT partner_id, company_id, commercial_partner_id, participation, debt_manager_id,
               team_id, amount_open, amount_overdue, amount_blocked, amount_to_collect,
               amount_credit, item_count, overdue_count, oldest_due_date, computed_on
          FROM collection_profile
    """,
    "items": """
        SELECT item.company_id, item.move_line_id, item.move_id, item.description,
               profile.partner_id, item.kind, item.side, item.state, item.document_number,
               item.document_ref, item.document_date, item.instalment, item.instalment_count,
               item.date_maturity, item.granted_date, item.date_due, item.currency_id,
               item.amount, item.amount_company, item.amount_paid, item.settled_date,
               item.keep_out_until
          FROM collection_item item
          JOIN collection_profile profile ON profile.id = item.profile_id
    """,
    "blocks": """
        SELECT item.move_line_id, block.kind, block.amount, block.date_until,
               block.source_model, block.source_id, block.active
          FROM collection_item_block block
          JOIN collection_item item ON item.id = block.item_id
    """,
    "cases": """
        SELECT profile.partner_id, kase.partner_id, kase.company_id, kase.kind, kase.origin,
               kase.state, kase.result, kase.debt_manager_id, kase.team_id, kase.priority,
               kase.opened_on, kase.closed_on, kase.amount_open, kase.amount_overdue,
               kase.amount_to_collect, kase.item_count, kase.oldest_due_date,
               (SELECT array_agg((COALESCE(item.move_line_id::text, item.description),
                                  membership.open, membership.reason)::text
                                 ORDER BY item.move_line_id, membership.id)
                  FROM collection_case_item membership
                  JOIN collection_item item ON item.id = membership.item_id
                 WHERE membership.case_id = kase.id) AS items,
               (SELECT array_agg((from_state, to_state, cause, reason)::text ORDER BY id)
                  FROM collection_case_transition
                 WHERE case_id = kase.id) AS history,
               (SELECT count(*) FROM mail_activity
                 WHERE res_model = 'collection.case' AND res_id = kase.id) AS activities,
               (SELECT count(*) FROM mail_message
                 WHERE model = 'collection.case' AND res_id = kase.id) AS messages
          FROM collection_case kase
          JOIN collection_profile profile ON profile.id = kase.profile_id
    """,
    "runs": """
        SELECT run.company_id, run.business_date, run.state, chunk.step, chunk.first_id,
               chunk.last_id, chunk.state, chunk.tries
          FROM collection_cycle_run run
          JOIN collection_cycle_chunk chunk ON chunk.run_id = run.id
    """,
    "waiting customers": "SELECT partner_id FROM collection_cycle_touched",
}
# what there must be none of, whatever happened
TWICE = {
    "open automatic case of a customer": """
        SELECT company_id, profile_id FROM collection_case
         WHERE origin = 'auto' AND kind = 'overdue' AND state <> 'completed'
      GROUP BY company_id, profile_id HAVING count(*) > 1
    """,
    "number of a case": "SELECT company_id, name FROM collection_case GROUP BY 1, 2 HAVING count(*) > 1",
    "item of a journal item": """
        SELECT move_line_id FROM collection_item
         WHERE move_line_id IS NOT NULL GROUP BY move_line_id HAVING count(*) > 1
    """,
    "item in an open case": """
        SELECT item_id FROM collection_case_item WHERE open GROUP BY item_id HAVING count(*) > 1
    """,
    "opening of a case": """
        SELECT case_id FROM collection_case_transition WHERE from_state IS NULL
      GROUP BY case_id HAVING count(*) > 1
    """,
    "chunk of a run": """
        SELECT run_id, step, first_id FROM collection_cycle_chunk
      GROUP BY run_id, step, first_id HAVING count(*) > 1
    """,
}
# what a case must not hold once everything is computed
STALE = """
    SELECT membership.case_id, membership.item_id
      FROM collection_case_item membership
      JOIN collection_item item ON item.id = membership.item_id
      JOIN collection_case kase ON kase.id = membership.case_id
     WHERE membership.open
       AND (item.state NOT IN ('open', 'draft') OR kase.state = 'completed'
            OR item.profile_id <> kase.profile_id)
"""


def dump(connection):
    """Return {part: sorted rows as text} of the database a cursor is connected to."""
    state = {}
    for part, query in PARTS.items():
        connection.execute(query)
        state[part] = sorted("|".join(map(str, row)) for row in connection.fetchall())
    return state


def differences(state, expected):
    """Return in words what differs between two states, at most three rows of each part."""
    found = []
    for part, rows in expected.items():
        missing, extra = _without(rows, state[part]), _without(state[part], rows)
        found += [f"{part}: missing {row}" for row in missing[:3]]
        found += [f"{part}: not expected {row}" for row in extra[:3]]
    return found


def _without(rows, others):
    left = list(others)
    result = []
    for row in rows:
        if row in left:
            left.remove(row)
        else:
            result.append(row)
    return result


def faults(connection):
    """Return in words what is there twice, or stale."""
    found = []
    for what, query in TWICE.items():
        connection.execute(query)
        found += [f"twice: {what} {row}" for row in connection.fetchall()]
    connection.execute(STALE)
    return found + [f"stale: item {item} in case {case}" for case, item in connection.fetchall()]
