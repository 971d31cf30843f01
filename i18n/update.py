#!/usr/bin/env python3
# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Brings templates and translations up to the sources; see README.md beside this file."""

import argparse
import os
import sys

try:
    from suite_i18n import catalogues
    from suite_i18n.export import ExportError, export_templates
    from suite_i18n.languages import LANGUAGES
except ImportError as error:
    sys.exit(f"{error}: run `. setup/env` first.")


def update(addon, exported):
    """Write the template and merge it into every language. Returns lines for the user."""
    template = catalogues.build(addon, exported)
    catalogues.write(template, addon.template)
    yield f"{os.path.relpath(addon.template)}: {len(template)} messages"
    wanted = {entry.msgid for entry in template}
    for code in LANGUAGES:
        path = addon.po(code)
        translations = catalogues.translations_of(path)
        merged = catalogues.build(addon, template, translations, code)
        catalogues.write(merged, path)
        dropped = sorted(set(translations) - wanted)
        missing = sum(not entry.msgstr for entry in merged)
        yield f"{os.path.relpath(path)}: {missing} to translate, {len(dropped)} dropped"
        for msgid in dropped:
            yield f"    dropped: {msgid!r} → {translations[msgid]!r}"


def arguments(args=None):
    parser = argparse.ArgumentParser(
        prog="i18n/update.py",
        description="Exports the template of every add-on and merges it into the translations:"
        " what is translated stays, what the sources no longer say goes.",
    )
    parser.add_argument(
        "--database",
        metavar="NAME",
        required=True,
        help="a database with all add-ons installed in their present state and no demo data",
    )
    parser.add_argument("--addons", default=catalogues.ADDONS, help="the folder with the add-ons")
    return parser.parse_args(args)


def main(args=None):
    options = arguments(args)
    addons = catalogues.find_addons(options.addons)
    try:
        exported = export_templates(options.database, [addon.name for addon in addons])
    except ExportError as error:
        sys.exit(str(error))
    for addon in addons:
        for line in update(addon, exported[addon.name]):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
