# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The files of an add-on's i18n folder: the template (.pot) and a .po per language."""

import pathlib

import polib

from .languages import LANGUAGES

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ADDONS = REPOSITORY / "addons"


class Addon:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.name = self.path.name
        self.folder = self.path / "i18n"
        self.template = self.folder / f"{self.name}.pot"

    def po(self, code):
        return self.folder / f"{code}.po"


def find_addons(folder=ADDONS):
    return [Addon(path.parent) for path in sorted(pathlib.Path(folder).glob("*/__manifest__.py"))]


def read(path):
    return polib.pofile(str(path), encoding="utf-8")


def metadata(code=None):
    """The header. It has no dates, so that only a change of the messages changes the file."""
    header = {
        "Project-Id-Version": "Odoo Server 19.0",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if code:
        header["Language"] = code
        header["Plural-Forms"] = LANGUAGES[code].plural_forms
    return header


def build(addon, template, translations=None, code=None):
    """A catalogue with the messages of a template and, by message, their translations."""
    translations = translations or {}
    catalogue = polib.POFile(wrapwidth=78)
    title = f"{LANGUAGES[code].name} translation" if code else "Translation template"
    catalogue.header = f"{title} of the add-on {addon.name}."
    catalogue.metadata = metadata(code)
    for entry in template:
        if entry.obsolete:
            continue
        catalogue.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=translations.get(entry.msgid, ""),
                comment=entry.comment,
                occurrences=entry.occurrences,
            )
        )
    return catalogue


def translations_of(path):
    """Message to translation, entries that are obsolete included: the message may come back."""
    if not path.exists():
        return {}
    return {entry.msgid: entry.msgstr for entry in read(path) if entry.msgstr and not entry.fuzzy}


def write(catalogue, path):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{catalogue}\n".rstrip("\n") + "\n", encoding="utf-8")
