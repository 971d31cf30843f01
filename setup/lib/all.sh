# Everything in setup/lib, and the one function that prepares all of it.
# shellcheck shell=bash

setup_lib="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
for part in common system host python postgres configuration database; do
    # shellcheck disable=SC1090
    . "$setup_lib/$part.sh"
done

# $1: "tests", or "demo" to leave out what only tests need.
prepare_all() {
    : >"$log"
    lock_work_folder
    prepare_system "$1"
    prepare_host
    prepare_python
    prepare_server
    write_configuration
    unlock_work_folder
    # shellcheck disable=SC1091
    . "$work/env"
}
