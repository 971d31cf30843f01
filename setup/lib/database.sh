# Databases and their files.
# shellcheck shell=bash

# An empty database as Odoo makes them: the trigram extension must be there before any table.
create_database() {
    createdb --template template0 --encoding UTF8 --lc-collate C "$1"
    psql --no-psqlrc --quiet --dbname "$1" --command "CREATE EXTENSION IF NOT EXISTS pg_trgm"
}

drop_database() {
    dropdb --if-exists --force "$1"
    rm -rf "${work:?}/data/filestore/$1"
}

# Every database whose name begins like this.
drop_databases() {
    local name
    for name in $(query postgres "SELECT datname FROM pg_database WHERE starts_with(datname, '$1')"); do
        drop_database "$name"
    done
}

query() {
    psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --dbname "$1" --command "$2"
}

database_exists() { [ -n "$(query postgres "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }

# A note kept with a database, and the note of one that may not exist.
set_database_note() { query postgres "COMMENT ON DATABASE \"$1\" IS '${2//\'/\'\'}'"; }
database_note() {
    query postgres "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'"
}

# Our add-ons as a comma-separated list for odoo's -i and -u.
own_addons() {
    local manifest names=""
    for manifest in "$repo"/addons/*/__manifest__.py; do
        if [ -e "$manifest" ]; then names+=",$(basename "$(dirname "$manifest")")"; fi
    done
    printf '%s' "${names#,}"
}

# Changes whenever anything that an installation reads changes.
addons_fingerprint() {
    (cd "$repo/addons" && find . -type f -not -path '*/tests/*' -not -name '*.py[co]' -print0 |
        LC_ALL=C sort -z | xargs -0 --no-run-if-empty sha256sum) 2>/dev/null | sha256sum | cut -c 1-16
}
