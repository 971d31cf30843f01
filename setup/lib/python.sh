# The virtual environment with the pinned packages, and rtlcss, which mirrors styles for Hebrew.
# shellcheck shell=bash

venv="$work/venv"
rtlcss_version=4.3.0

# What the environment was made from; a change of any of it makes it anew.
environment_fingerprint() {
    { "$python" -c 'import sys; print(sys.version, sys.base_prefix)' && echo "$repo" && cat "$repo/requirements.txt"; } |
        sha256sum | cut -d ' ' -f 1
}

make_environment() {
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --prefer-binary \
        --requirement "$repo/requirements.txt"
    environment_fingerprint >"$venv/fingerprint"
}

write_odoo_command() {
    local site
    site="$("$venv/bin/python" -c 'import site; print(site.getsitepackages()[0])')"
    echo "$host_python_path" >"$site/odoo-host.pth"
    cat >"$work/bin/odoo" <<-EOF
	#!$venv/bin/python
	import odoo.cli

	if __name__ == "__main__":
	    odoo.cli.main()
	EOF
    chmod +x "$work/bin/odoo"
}

install_rtlcss() {
    mkdir -p "$cache/node"
    npm install --prefix "$cache/node" --no-save --no-audit --no-fund "rtlcss@$rtlcss_version" </dev/null
    "$cache/node/node_modules/.bin/rtlcss" --version
}

prepare_python() {
    if [ "$(cat "$venv/fingerprint" 2>/dev/null)" != "$(environment_fingerprint)" ]; then
        step "Installing Python packages (requirements.txt)" \
            "Check the network (PyPI) and run this again." make_environment
    fi
    write_odoo_command
    if ! has rtlcss && [ ! -x "$cache/node/node_modules/.bin/rtlcss" ]; then
        step "Installing rtlcss for right-to-left screens" \
            "Check the network (npm) and run this again." install_rtlcss
    fi
    if [ -x "$cache/node/node_modules/.bin/rtlcss" ]; then
        ln -sfn "$cache/node/node_modules/.bin/rtlcss" "$work/bin/rtlcss"
    fi
}
