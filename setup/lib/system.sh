# The programs that Debian provides. Only what is missing is installed.
# shellcheck shell=bash

pg_bin="" # folder of the server programs, set by find_postgres_programs

find_postgres_programs() {
    pg_bin="$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1)"
    pg_bin="${pg_bin%/initdb}"
    [ -n "$pg_bin" ]
}

# The first Python that this suite's pinned packages support and that can make environments.
find_python() {
    local candidate
    for candidate in ${PYTHON:-} /usr/bin/python3.11 python3.11 python3.12 python3; do
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then
            python="$candidate"
            return 0
        fi
    done
    return 1
}

has_font() { has fc-list && [ -n "$(fc-list ":lang=$1" 2>/dev/null | head -n 1)" ]; }

# Fills `packages` with the Debian packages whose programs are not there.
# $1: "tests" to include what only tests and screenshots need.
find_missing_packages() {
    packages=()
    find_python || packages+=(python3 python3-venv)
    if uses_private_server; then
        find_postgres_programs || packages+=(postgresql)
    else
        has psql || packages+=(postgresql-client)
    fi
    has npm || has rtlcss || packages+=(nodejs npm)
    has wkhtmltopdf || packages+=(wkhtmltopdf)
    [ -e /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)
    has_font he && has_font el || packages+=(fontconfig fonts-dejavu-core fonts-noto-core)
    if [ "$1" = tests ] && ! has chromium && ! has google-chrome; then
        packages+=(chromium)
    fi
}

as_root() {
    if is_root; then "$@"; else sudo "$@"; fi
}

install_packages() {
    # The postgresql package would start a server of its own on port 5432; this suite has no use for it.
    local no_default_cluster=/etc/postgresql-common/createcluster.d/collection-suite.conf
    local added=""
    if [[ " ${packages[*]} " == *" postgresql "* && ! -e /etc/postgresql-common ]]; then
        as_root mkdir -p "${no_default_cluster%/*}"
        echo "create_main_cluster = false" | as_root tee "$no_default_cluster"
        added=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}" </dev/null
    if [ -n "$added" ]; then as_root rm -f "$no_default_cluster"; fi
}

prepare_system() {
    find_missing_packages "$1"
    if [ "${#packages[@]}" -gt 0 ]; then
        is_root || has sudo || fail "these Debian packages are missing: ${packages[*]}" \
            "Install them as root: apt-get install ${packages[*]}" "then run this again."
        step "Installing ${#packages[@]} Debian packages" \
            "Install by hand and run this again: apt-get install ${packages[*]}" install_packages
    fi
    find_python || fail "no Python 3.11 or 3.12 with the venv module was found" \
        "Install one (Debian 12: apt-get install python3-venv) or name it: PYTHON=/path/to/python3.11"
    if uses_private_server; then
        find_postgres_programs || fail "PostgreSQL's server programs were not found in /usr/lib/postgresql" \
            "Install them: apt-get install postgresql" "or use a server you have: PGHOST=... PGUSER=... setup/demo"
    fi
}
