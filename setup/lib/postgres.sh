# PostgreSQL: the user's own server when PGHOST or PGPORT is set, else a private cluster
# that listens on a socket only. It holds nothing that cannot be made again, so it does
# not wait for the disk (fsync off): fit for demo and tests, not for real books.
# shellcheck shell=bash

repo_hash="$(printf '%s' "$repo" | sha256sum | cut -c 1-12)"
if is_root; then
    # PostgreSQL refuses to run as root, and its own user may not enter this work tree.
    cluster_home="/var/lib/collection-suite"
    cluster_user=postgres
else
    cluster_home="${XDG_DATA_HOME:-$HOME/.local/share}/collection-suite"
    cluster_user="$(id -un)"
fi
cluster="$cluster_home/$repo_hash"
cluster_log="$cluster/server.log"

uses_private_server() {
    [ -z "${PGHOST:-}${PGPORT:-}" ] || [ "${PGHOST:-}" = "$cluster" ]
}

as_cluster_user() {
    if is_root; then
        (cd / && runuser -u "$cluster_user" -- env -u PGHOST -u PGPORT -u PGUSER "$@")
    else
        (cd / && env -u PGHOST -u PGPORT -u PGUSER "$@")
    fi
}

server_runs() { as_cluster_user "$pg_bin/pg_ctl" status --pgdata "$cluster/data" >/dev/null 2>&1; }

memory_mb() { awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo; }

create_cluster() {
    mkdir -p "$cluster_home"
    rm -rf "$cluster"
    mkdir -m 700 "$cluster"
    echo "$repo" >"$cluster/repository"
    if is_root; then chown "$cluster_user" "$cluster"; fi
    as_cluster_user "$pg_bin/initdb" --pgdata "$cluster/data" --username odoo --auth trust \
        --encoding UTF8 --locale C.UTF-8 --no-sync
    local memory buffers
    memory="$(memory_mb)"
    buffers=$((memory / 8 < 1024 ? memory / 8 : 1024))
    cat >>"$cluster/data/postgresql.conf" <<-EOF

	# Demo and test databases only
	listen_addresses = ''
	unix_socket_directories = '$cluster'
	max_connections = 150
	shared_buffers = ${buffers}MB
	effective_cache_size = $((memory / 2))MB
	work_mem = $((memory > 8000 ? 32 : 8))MB
	maintenance_work_mem = $((memory > 8000 ? 512 : 64))MB
	max_wal_size = 4GB
	random_page_cost = 1.1
	fsync = off
	synchronous_commit = off
	full_page_writes = off
	wal_level = minimal
	max_wal_senders = 0
	jit = off
	EOF
}

start_server() {
    if ! as_cluster_user "$pg_bin/pg_ctl" start --wait --silent --pgdata "$cluster/data" --log "$cluster_log" </dev/null 3>&- 4>&- 9>&-; then
        tail -n 15 "$cluster_log"
        return 1
    fi
}

stop_server() { as_cluster_user "$pg_bin/pg_ctl" stop --silent --mode fast --pgdata "$cluster/data"; }

# Stops the private server if this run started it and nobody else uses it meanwhile.
stop_server_started_here() {
    [ -n "$server_started_here" ] || return 0
    local others
    others="$(psql --no-psqlrc --no-align --tuples-only --dbname postgres --command \
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")"
    if [ "$others" = 0 ]; then
        stop_server
    else
        say "PostgreSQL goes on running: $others other connections use it."
    fi
}

# Clusters of work trees that are gone.
remove_orphaned_clusters() {
    local folder
    for folder in "$cluster_home"/*/; do
        [ -s "${folder}repository" ] && [ ! -d "$(cat "${folder}repository")" ] || continue
        as_cluster_user "$pg_bin/pg_ctl" stop --silent --mode immediate --pgdata "${folder}data" || true
        rm -rf "$folder"
    done
}

# Sets server_started_here=yes when this run started the private server.
prepare_server() {
    server_started_here=""
    if ! uses_private_server; then
        psql --no-psqlrc --dbname postgres --command "SELECT 1" >>"$log" 2>&1 ||
            fail "the PostgreSQL server at PGHOST=${PGHOST:-} PGPORT=${PGPORT:-} PGUSER=${PGUSER:-} does not answer" \
                "Check these variables (PGPASSWORD too), or unset them for a private server."
        return
    fi
    remove_orphaned_clusters >>"$log" 2>&1
    if [ ! -s "$cluster/data/PG_VERSION" ] || [ ! -s "$cluster/repository" ]; then
        step "Creating a private PostgreSQL cluster" "Remove $cluster and run this again." create_cluster
    fi
    export PGHOST="$cluster" PGPORT=5432 PGUSER=odoo
    if ! server_runs; then
        step "Starting PostgreSQL" "Its log: $cluster_log" start_server
        server_started_here=yes
    fi
}
