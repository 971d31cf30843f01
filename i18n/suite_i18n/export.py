# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The messages of add-ons, exported from a database in which they are installed."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

import polib
import psycopg2


class ExportError(Exception):
    """Why the messages cannot be exported; the text says what to do."""


def export_templates(database, names):
    """The template of each add-on, by name.

    Each is exported by itself: in one export the host gives what several add-ons extend, such as
    the name of a model, to the last of them only.
    """
    _check_database(database, names)
    return {name: _export(database, name) for name in names}


def _export(database, name):
    with tempfile.TemporaryDirectory(prefix="collection-suite-i18n-") as folder:
        file = pathlib.Path(folder) / f"{name}.pot"
        # The name comes first: `-l` would take it for a language.
        command = [
            _setting("ODOO_BIN"), "i18n", "export", name,
            "-c", _setting("ODOO_CONF"), "-d", database, "-l", "pot", "-o", str(file),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not file.exists():
            raise ExportError(f"The export failed:\n{(done.stdout + done.stderr)[-2000:]}")
        return polib.pofile(file.read_text())


def _setting(name):
    if name not in os.environ:
        raise ExportError(f"{name} is not set: run `. setup/env` first.")
    return os.environ[name]


def _check_database(database, names):
    try:
        connection = psycopg2.connect(dbname=database)
    except psycopg2.OperationalError as error:
        raise ExportError(f"No connection to the database {database}: {error}") from error
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT name, demo FROM ir_module_module WHERE state = 'installed'")
        installed = dict(cursor.fetchall())
    missing = [name for name in names if name not in installed]
    if missing:
        raise ExportError(f"Not installed in {database}: {', '.join(missing)}.")
    if any(installed[name] for name in names):
        raise ExportError(
            f"{database} holds demo data, whose texts would come along."
            " Export from a database without demo data."
        )
