# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Puts files together into one archive."""

import io
import zipfile


def pack(files):
    """Return a ZIP archive.

    :param files: pairs of a name and the bytes; a name that comes again gets a number
    """
    stream = io.BytesIO()
    names = set()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(_free(name, names), content)
    return stream.getvalue()


def _free(name, names):
    """Return the name, or one like it that is free, without any folder."""
    name = name.replace("/", "-").replace("\\", "-").lstrip(".") or "file"
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, f"{dot}{ending}") if dot else (name, "")
    candidate, number = name, 1
    while candidate in names:
        number += 1
        candidate = f"{stem} ({number}){ending}"
    names.add(candidate)
    return candidate
