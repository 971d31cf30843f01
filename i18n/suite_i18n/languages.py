# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The languages of the suite, and what a translation into each looks like."""

import dataclasses
import re
import unicodedata


def _plain(text):
    """Lower case without accents and points, final sigma as sigma."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return bare.replace("ς", "σ")


def _greek_stem(word):
    # neuters: σημείωμα, σημειώματος, σημειώματα
    word = re.sub(r"(?<=..μ)α(?:τ(?:α|οσ|ων))?$", "", word)
    return re.sub(r"(?<=..)(?:[αεηιουω]+[σν]?|[αεηιουω]*)$", "", word) if len(word) > 3 else word


# Final letters as their common form; a doubled yod or vav is a matter of spelling.
_HEBREW_LETTERS = str.maketrans("ךםןףץ", "כמנפצ")


def _hebrew_plain(text):
    text = re.sub(r"[\"'׳״]", "", _plain(text)).translate(_HEBREW_LETTERS)
    return text.replace("יי", "י").replace("וו", "ו")


def _hebrew_stem(word):
    return re.sub(r"(?<=..)(?:יות|ימ|ות|[התי])$", "", word) if len(word) > 3 else word


@dataclasses.dataclass(frozen=True)
class Language:
    """How texts of a language are compared, and the header of its catalogues."""

    code: str
    name: str
    script: str
    plural_forms: str
    plain: callable
    stem: callable
    # What may stand before the stem in the same word
    prefix: str = ""
    # Sentence ends that differ from the English ones
    endings: tuple = ()

    def words(self, text):
        return [self.plain(word) for word in re.findall(r"[^\W\d_]+(?:[\"'׳״’][^\W\d_]+)*", text)]

    def stems(self, phrase):
        return [self.stem(word) for word in self.words(phrase)]

    def has_stem(self, word, stem):
        return re.match(rf"(?:{self.prefix}){re.escape(stem)}", word) is not None

    def has_script(self, text):
        return re.search(self.script, text) is not None


HEBREW = Language(
    code="he",
    name="Hebrew",
    script=r"[\u0590-\u05ff]",
    plural_forms=(
        "nplurals=4; plural=(n == 1) ? 0 : ((n == 2) ? 1 : ((n > 10 && n % 10 == 0) ? 2 : 3));"
    ),
    plain=_hebrew_plain,
    stem=_hebrew_stem,
    # The particles "and", "that", "the", "in", "to", "as", "from"
    prefix="[ושהבלכמ]{0,4}",
)
GREEK = Language(
    code="el",
    name="Greek",
    script=r"[\u0370-\u03ff\u1f00-\u1fff]",
    plural_forms="nplurals=2; plural=(n != 1);",
    plain=_plain,
    stem=_greek_stem,
    endings=(("?", ";\u037e"), (";", "·")),
)
LANGUAGES = {language.code: language for language in (HEBREW, GREEK)}
