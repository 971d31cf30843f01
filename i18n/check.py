#!/usr/bin/env python3
# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Checks the translations of every add-on; see README.md beside this file."""

import argparse
import os
import pathlib
import sys

try:
    from suite_i18n import catalogues
    from suite_i18n.exceptions import EXCEPTIONS_FILE, Exceptions
    from suite_i18n.export import ExportError, export_templates
    from suite_i18n.glossary import GLOSSARY_FILE, Glossary, glossary_file_problems
    from suite_i18n.languages import LANGUAGES
    from suite_i18n.rules import RULES, glossary_problems
except ImportError as error:
    sys.exit(f"{error}: run `. setup/env` first.")


class Check:
    """Collects the problems of the add-ons in a folder."""

    def __init__(self, addons_folder, glossary, exceptions, languages=tuple(LANGUAGES)):
        self.addons = catalogues.find_addons(addons_folder)
        self.glossary = glossary
        self.exceptions = exceptions
        self.languages = [LANGUAGES[code] for code in languages]
        self.problems = []
        self.messages = 0

    def report(self, path, line, text, msgid=None):
        place = f"{os.path.relpath(path)}:{line}" if line else os.path.relpath(path)
        message = "" if msgid is None else f" “{shorten(msgid)}”:"
        self.problems.append(f"{place}:{message} {' '.join(text.split())}")

    def run(self, database=None):
        for addon in self.addons:
            if not addon.template.exists():
                self.report(addon.template, None, "is missing; i18n/update.py makes it")
                continue
            template = catalogues.read(addon.template)
            for language in self.languages:
                self.check_language(addon, language, template)
        if database:
            self.check_templates(database)
        return self.problems

    # The template against the sources

    def check_templates(self, database):
        addons = [addon for addon in self.addons if addon.template.exists()]
        try:
            exported = export_templates(database, [addon.name for addon in addons])
        except ExportError as error:
            self.problems.append(str(error))
            return
        for addon in addons:
            self.compare_template(addon, exported.get(addon.name, ()))

    def compare_template(self, addon, exported):
        present = {entry.msgid: entry for entry in catalogues.read(addon.template)}
        wanted = {entry.msgid: entry for entry in exported}
        for msgid, entry in wanted.items():
            known = present.get(msgid)
            if known is None:
                text = f"is new in {entry.occurrences[0][0]}; run i18n/update.py"
                self.report(addon.template, None, text, msgid)
            elif _references(known) != _references(entry):
                text = "is used in other places than the template says; run i18n/update.py"
                self.report(addon.template, known.linenum, text, msgid)
        for msgid in present.keys() - wanted.keys():
            text = "is no longer in the sources; run i18n/update.py"
            self.report(addon.template, present[msgid].linenum, text, msgid)

    # One language

    def check_language(self, addon, language, template):
        path = addon.po(language.code)
        if not path.exists():
            self.report(path, None, "is missing; i18n/update.py makes it")
            return
        catalogue = catalogues.read(path)
        self.check_header(path, catalogue, language)
        wanted = {entry.msgid: entry for entry in template}
        seen = set()
        for entry in catalogue:
            self.messages += 1
            if entry.obsolete:
                self.report(path, entry.linenum, "is obsolete", entry.msgid)
            elif entry.msgid in seen:
                self.report(path, entry.linenum, "is there twice", entry.msgid)
            elif entry.msgid not in wanted:
                self.report(path, entry.linenum, "is not in the template", entry.msgid)
            else:
                if _references(entry) != _references(wanted[entry.msgid]):
                    text = "has other places than in the template; run i18n/update.py"
                    self.report(path, entry.linenum, text, entry.msgid)
                self.check_entry(addon, language, path, entry)
            seen.add(entry.msgid)
        for msgid in wanted.keys() - seen:
            self.report(path, None, "is missing; run i18n/update.py", msgid)

    def check_header(self, path, catalogue, language):
        for key in ("Language", "Plural-Forms"):
            value = catalogues.metadata(language.code)[key]
            if catalogue.metadata.get(key) != value:
                self.report(path, None, f"the header's {key} is not “{value}”")

    def check_entry(self, addon, language, path, entry):
        line, msgid, msgstr = entry.linenum, entry.msgid, entry.msgstr
        if entry.msgid_plural:
            # Odoo reads msgstr only
            self.report(path, line, "has plural forms, which Odoo does not know", msgid)
            return
        if entry.fuzzy:
            self.report(path, line, "is fuzzy", msgid)
        if not msgstr.strip():
            self.report(path, line, "is not translated", msgid)
            return
        for name, rule in RULES.items():
            problem = rule(msgid, msgstr, language)
            if problem and not self.exceptions.allows(addon.name, language.code, name, msgid):
                self.report(path, line, f"{problem} [{name}]", msgid)
        for term, problem in glossary_problems(msgid, msgstr, language, self.glossary):
            allowed = self.exceptions.allows(
                addon.name, language.code, "glossary", msgid, term.english
            )
            if not allowed:
                self.report(path, line, f"{problem} [glossary]", msgid)


def _references(entry):
    """Where a message is used, and for which side (Python, JavaScript)."""
    return set(entry.occurrences), set(entry.comment.splitlines())


def shorten(text, length=90):
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"


def arguments(args=None):
    parser = argparse.ArgumentParser(
        prog="i18n/check.py",
        description="Checks the translations of every add-on against the sources, the template"
        " and the glossary. Exit status 1 when something is wrong.",
    )
    parser.add_argument(
        "--database",
        metavar="NAME",
        help="a database with all add-ons installed and no demo data: the templates are"
        " compared with a fresh export from it; without it they are taken as they are",
    )
    parser.add_argument(
        "--language",
        choices=sorted(LANGUAGES),
        action="append",
        help="check this language only; may be repeated",
    )
    parser.add_argument("--addons", default=catalogues.ADDONS, help="the folder with the add-ons")
    parser.add_argument("--glossary", type=pathlib.Path, default=GLOSSARY_FILE)
    parser.add_argument("--exceptions", type=pathlib.Path, default=EXCEPTIONS_FILE)
    return parser.parse_args(args)


def main(args=None):
    options = arguments(args)
    exceptions = Exceptions.load(options.exceptions)
    check = Check(
        options.addons,
        Glossary.load(options.glossary),
        exceptions,
        options.language or tuple(LANGUAGES),
    )
    problems = [*glossary_file_problems(check.glossary), *exceptions.problems()]
    problems += check.run(options.database)
    if not options.language:
        problems += [
            f"{os.path.relpath(options.exceptions)}: no longer needed: {row.get('rule')} of"
            f" “{shorten(row.get('msgid', ''))}” ({row.get('language')})"
            for row in exceptions.unused()
        ]
    for problem in problems:
        print(problem)
    print(
        f"{len(check.addons)} add-ons, {check.messages} translations,"
        f" {len(check.glossary.terms)} terms: {len(problems) or 'no'} problems"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
