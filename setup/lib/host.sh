# Odoo itself: a checkout named by ODOO_HOME, or the package of Debian's unstable suite
# unpacked into a folder of ours. The machine's own package sources stay as they are.
# shellcheck shell=bash

debian_mirror="${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
host_series=19.0
host_packages=(
    odoo-19
    # Odoo's package links to scripts and fonts in these
    libjs-jquery libjs-jquery-form libjs-underscore fonts-font-awesome
    fonts-roboto-unhinted fonts-montserrat fonts-inconsolata fonts-ocr-b
)
host_hint="Check the network, or use a checkout of Odoo $host_series: ODOO_HOME=/path/to/odoo setup/demo"

unstable_apt() { APT_CONFIG="$cache/apt/apt.conf" "$@"; }

# An apt configuration of our own that knows the unstable suite and nothing else.
write_apt_configuration() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    if [ ! -e "$keyring" ]; then
        echo "The archive keyring $keyring is missing: apt-get install debian-archive-keyring"
        return 1
    fi
    mkdir -p "$cache"/apt/{etc/sources.list.d,etc/preferences.d,etc/apt.conf.d,state/lists/partial,cache/archives/partial}
    cat >"$cache/apt/etc/sources.list.d/unstable.sources" <<-EOF
	Types: deb
	URIs: $debian_mirror
	Suites: sid
	Components: main
	Signed-By: $keyring
	EOF
    cat >"$cache/apt/apt.conf" <<-EOF
	Dir::Etc "$cache/apt/etc";
	Dir::Etc::SourceList "/dev/null";
	Dir::Etc::SourceParts "$cache/apt/etc/sources.list.d";
	Dir::State::Lists "$cache/apt/state/lists";
	Dir::Cache "$cache/apt/cache";
	Acquire::Languages "none";
	APT::Sandbox::User "root";
	EOF
}

read_unstable_suite() {
    write_apt_configuration
    local answer
    answer="$(unstable_apt apt-get update 2>&1)" || true
    printf '%s\n' "$answer"
    if grep -q 'is expired' <<<"$answer"; then
        echo "The mirror is behind (its list has run out); its signature is still verified."
        unstable_apt apt-get -o Acquire::Check-Valid-Until=false update
    elif grep -q '^E:' <<<"$answer"; then
        return 1
    fi
}

download_host() {
    read_unstable_suite
    local version
    version="$(unstable_apt apt-cache show --no-all-versions odoo-19 | sed -n 's/^Version: //p')"
    if [[ "$version" != "$host_series"* ]]; then
        echo "The unstable suite has odoo-19 in version '$version', not $host_series."
        return 1
    fi
    rm -rf "$cache/debs.new"
    mkdir -p "$cache/debs.new"
    (cd "$cache/debs.new" && unstable_apt apt-get download "${host_packages[@]}")
    echo "$version" >"$cache/debs.new/VERSION"
    rm -rf "$cache/debs"
    mv "$cache/debs.new" "$cache/debs"
}

# Some of the package's links lead nowhere when a font package has moved on. The icon font
# is in the package a second time; whatever else still dangles is named in the log.
repair_links() {
    local prefix="$1" link target spare
    find "$prefix" -type l -lname '/usr/*' | while read -r link; do
        target="$prefix$(readlink "$link")"
        ln -sfn "$target" "$link"
    done
    find "$prefix" -xtype l -path '*/web/static/lib/fontawesome/fonts/*' | while read -r link; do
        spare="$(dirname "$link")/../../../src/libs/fontawesome/fonts/$(basename "$link")"
        if [ -f "$spare" ]; then ln -sfn "../../../src/libs/fontawesome/fonts/$(basename "$link")" "$link"; fi
    done
    echo "Links that lead nowhere:"
    find "$prefix" -xtype l
}

# Debian's build leaves out a script for blurred backgrounds in calls, which is not free, but still
# lists it: browsers complain of it on every page. A file that says so takes its place.
stand_in_for_missing_script() {
    local script="$1/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    [ -e "$script" ] && return
    mkdir -p "$(dirname "$script")"
    echo "// Not part of Debian's build: calls have no blurred background." >"$script"
}

unpack_host() {
    local prefix="$1" deb
    rm -rf "$prefix.new"
    mkdir -p "$prefix.new"
    for deb in "$cache"/debs/*.deb; do dpkg-deb -x "$deb" "$prefix.new"; done
    mv "$prefix.new" "$prefix"
    repair_links "$prefix"
}

# Sets host_python_path, host_program, host_addons_path and host_version.
prepare_host() {
    if [ -n "${ODOO_HOME:-}" ]; then
        local home
        home="$(cd "$ODOO_HOME" 2>/dev/null && pwd -P)" || fail "ODOO_HOME=$ODOO_HOME is not a folder"
        [ -x "$home/odoo-bin" ] && [ -d "$home/odoo/addons/base" ] ||
            fail "ODOO_HOME=$home holds no odoo-bin and odoo/addons/base" "It must be a checkout of Odoo $host_series."
        grep -q '^version_info = (19, 0,' "$home/odoo/release.py" || fail "ODOO_HOME=$home is not Odoo $host_series"
        ln -sfn "$home" "$work/host"
        host_python_path="$home"
        host_addons_path="$home/odoo/addons"
        if [ -d "$home/addons" ]; then host_addons_path="$home/addons,$host_addons_path"; fi
        host_version="$host_series in $home"
        return
    fi
    if [ ! -s "$cache/debs/VERSION" ]; then
        step "Downloading Odoo $host_series (130 MB)" "$host_hint" download_host
    fi
    host_version="$(cat "$cache/debs/VERSION") of Debian unstable"
    local prefix
    prefix="$cache/odoo-$(cat "$cache/debs/VERSION")"
    if [ ! -d "$prefix" ]; then
        step "Unpacking Odoo $(cat "$cache/debs/VERSION")" \
            "Free 1.5 GB in $cache, or remove that folder, and run this again." unpack_host "$prefix"
    fi
    stand_in_for_missing_script "$prefix"
    ln -sfn "$prefix" "$work/host"
    host_python_path="$work/host/usr/lib/python3/dist-packages"
    host_addons_path="$host_python_path/odoo/addons"
}
