# The files that other programs read: Odoo's configuration and the variables of setup/env.
# shellcheck shell=bash

# Our add-on folders that hold at least one module.
own_addons_path() {
    local folder
    for folder in "$repo/addons" "$repo/tests/addons"; do
        if compgen -G "$folder/*/__manifest__.py" >/dev/null; then printf ',%s' "$folder"; fi
    done
}

write_configuration() {
    mkdir -p "$work/data"
    cat >"$work/odoo.conf" <<-EOF
	[options]
	addons_path = $host_addons_path$(own_addons_path)
	data_dir = $work/data
	db_host = ${PGHOST:-False}
	db_port = ${PGPORT:-False}
	db_user = ${PGUSER:-False}
	http_interface = 127.0.0.1
	limit_time_cpu = 3600
	limit_time_real = 7200
	limit_time_real_cron = 7200
	EOF
    {
        echo "# Written by setup/prepare; read through setup/env"
        printf 'export PATH=%q:%q:"$PATH"\n' "$work/bin" "$venv/bin"
        printf 'export ODOO_BIN=%q\n' "$work/bin/odoo"
        printf 'export ODOO_CONF=%q\n' "$work/odoo.conf"
        local name
        for name in PGHOST PGPORT PGUSER; do
            if [ -n "${!name:-}" ]; then printf 'export %s=%q\n' "$name" "${!name}"; fi
        done
    } >"$work/env"
}
