# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a database consists of, to see what an add-on leaves behind."""

SCHEMA = {
    "column": """
        SELECT table_name, column_name, data_type, is_nullable, column_default
          FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "constraint": """
        SELECT conrelid::regclass, conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "sequence": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    "view": "SELECT viewname FROM pg_views WHERE schemaname = 'public'",
    "trigger": "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal",
    "function": """
        SELECT proname FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace
           AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
    """,
}
TABLES = """
    SELECT tablename FROM pg_tables
     WHERE schemaname = 'public'
       AND (tablename ~ '^(ir|rule|res_groups|res_config|wkf)_'
            OR tablename ~ '^mail_(activity|template|message_subtype|alias)'
            OR tablename IN ('res_groups', 'utm_tag', 'digest_tip'))
"""
# what Odoo writes as time goes by, whatever is installed
BY_THE_WAY = {"ir_attachment", "ir_cron_progress", "ir_cron_trigger", "ir_logging"}


def snapshot(cursor):
    """Return (schema, rows): what there is by kind, and how many rows each table of settings has.

    Accounting and correspondence are not counted: a company goes on working.
    """
    schema = set()
    for kind, query in SCHEMA.items():
        cursor.execute(query)
        schema |= {f"{kind}: {' '.join(map(str, row))}" for row in cursor.fetchall()}
    cursor.execute(TABLES)
    rows = {}
    for (table,) in cursor.fetchall():
        if table not in BY_THE_WAY:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            rows[table] = cursor.fetchone()[0]
    return schema, rows


def mentions(cursor, word):
    """Return the columns of text that have a value beginning with a word, and how many."""
    cursor.execute(
        """
        SELECT col.table_name, col.column_name
          FROM information_schema.columns col
          JOIN pg_tables ON tablename = col.table_name AND schemaname = col.table_schema
         WHERE col.table_schema = 'public' AND col.data_type IN ('character varying', 'text')
        """
    )
    found = {}
    for table, column in cursor.fetchall():
        cursor.execute(f'SELECT count(*) FROM "{table}" WHERE starts_with("{column}", %s)', [word])
        [count] = cursor.fetchone()
        if count:
            found[f"{table}.{column}"] = count
    return found
