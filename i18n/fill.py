#!/usr/bin/env python3
# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Lists messages and fills in their translations; see README.md beside this file."""

import argparse
import hashlib
import pathlib
import re
import sys

try:
    from suite_i18n import catalogues
    from suite_i18n.languages import LANGUAGES
except ImportError as error:
    sys.exit(f"{error}: run `. setup/env` first.")


def key(msgid):
    """A short name for a message, the same in every add-on and language."""
    return hashlib.sha1(msgid.encode(), usedforsecurity=False).hexdigest()[:7]


def one_line(text):
    return text.strip().replace("\\", "\\\\").replace("\n", "\\n")


def several_lines(text):
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


def listing(addons, code, everything=False):
    """Lines "key message" of what is to be translated; with `everything`, translations too."""
    seen = set()
    for addon in addons:
        if not addon.po(code).exists():
            continue
        for entry in catalogues.read(addon.po(code)):
            if entry.msgid in seen or (entry.msgstr and not everything):
                continue
            seen.add(entry.msgid)
            yield f"{key(entry.msgid)} {one_line(entry.msgid)}"
            if entry.msgstr:
                yield f"        {one_line(entry.msgstr)}"


def read_translations(lines):
    """By key. Empty lines, lines that begin with # and indented ones are left out."""
    translations = {}
    for line in lines:
        line = line.rstrip("\n")
        if not line.strip() or line.startswith(("#", " ")):
            continue
        name, _space, text = line.partition(" ")
        translations[name] = several_lines(text.strip())
    return translations


def fill(addon, code, translations, everything=False):
    """Write the translations into a catalogue; returns the keys it had messages for.

    What is translated stays, since one message may be said differently in two add-ons; with
    `everything` it gets the new translation too.
    """
    if not addon.po(code).exists():
        return set()
    catalogue = catalogues.read(addon.po(code))
    used = set()
    new = {entry.msgid: entry.msgstr for entry in catalogue}
    for entry in catalogue:
        name = key(entry.msgid)
        if name in translations and (everything or not entry.msgstr):
            # spaces and line breaks at the edges are the message's own
            before, after = re.fullmatch(r"(\s*).*?(\s*)", entry.msgid, re.DOTALL).groups()
            new[entry.msgid] = f"{before}{translations[name]}{after}"
            used.add(name)
    if used:
        catalogues.write(catalogues.build(addon, catalogue, new, code), addon.po(code))
    return used


def arguments(args=None):
    parser = argparse.ArgumentParser(
        prog="i18n/fill.py",
        description="Without files: lists what is still to be translated, one message a line with"
        " its key. With files: takes the translations from them, lines of a key and a text.",
    )
    parser.add_argument("language", choices=sorted(LANGUAGES))
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--all", action="store_true", help="list or replace what is translated too")
    parser.add_argument("--addons", default=catalogues.ADDONS, help="the folder with the add-ons")
    return parser.parse_args(args)


def main(args=None):
    options = arguments(args)
    addons = catalogues.find_addons(options.addons)
    if not options.files:
        for line in listing(addons, options.language, options.all):
            print(line)
        return 0
    translations, origin = {}, {}
    for path in options.files:
        found = read_translations(path.read_text(encoding="utf-8").splitlines())
        translations |= found
        origin |= dict.fromkeys(found, path)
    used = set()
    for addon in addons:
        used |= fill(addon, options.language, translations, options.all)
    print(f"{len(used)} messages filled in")
    for name in translations.keys() - used:
        print(f"{origin[name]}: no message to be filled in has the key {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
