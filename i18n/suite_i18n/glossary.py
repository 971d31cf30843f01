# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The glossary, and the search for its terms in messages."""

import csv
import dataclasses
import functools
import pathlib
import re

from .languages import LANGUAGES

GLOSSARY_FILE = pathlib.Path(__file__).resolve().parents[1] / "glossary.csv"
# "promise" and "to pay" may have an article or a possessive between their words.
MAX_GAP = 2
MARKS = {"", "*", "~"}


def english_words(text):
    """Words in lower case and singular, so that "Open Items" is "open item"."""
    text = re.sub(r"['’]s\b", "", text.lower())
    return [_singular(word) for word in re.findall(r"[^\W\d_]+", text)]


def _singular(word):
    if len(word) <= 3 or re.search(r"(ss|us|is)$", word):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(ss|x|ch|sh)es$", word):
        return word[:-2]
    return word.removesuffix("s")


@dataclasses.dataclass(frozen=True)
class Term:
    """A row of the glossary; words and accepted forms by language code."""

    english: str
    words: dict
    marks: dict
    accepts: dict
    note: str

    @functools.cached_property
    def english_words(self):
        """What to look for; a qualifier in brackets says which sense is meant."""
        return english_words(re.sub(r"\(.*?\)", "", self.english))

    def used_in(self, text, language):
        """Whether a translation has the term's word, or another form that the glossary accepts."""
        found = language.words(text)
        return any(_follow(found, stems, language) for stems in self.stems(language))

    def stems(self, language):
        """The forms, each a list of stems in the order of the words."""
        yield language.stems(self.words[language.code])
        # accepted forms are stems already
        for form in self.accepts[language.code]:
            yield language.words(form)


def _follow(found, stems, language):
    """Whether the stems occur in this order, no more than a small gap apart."""

    def rest(position, index):
        if index == len(stems):
            return True
        # the first word may stand anywhere
        last = len(found) if index == 0 else min(position + 1 + MAX_GAP, len(found))
        return any(
            language.has_stem(found[place], stems[index]) and rest(place + 1, index + 1)
            for place in range(position, last)
        )

    return rest(0, 0)


class Glossary:
    def __init__(self, terms):
        self.terms = list(terms)
        self._by_length = sorted(self.terms, key=lambda term: -len(term.english_words))

    @classmethod
    def load(cls, path=GLOSSARY_FILE):
        with open(path, encoding="utf-8", newline="") as file:
            return cls(_term(row) for row in csv.DictReader(file))

    def terms_in(self, text):
        """The terms of an English text. A word belongs to the longest term it is part of."""
        words = english_words(text)
        for term in self._by_length:
            length = len(term.english_words)
            found = False
            for start in range(len(words) - length + 1):
                if words[start : start + length] == term.english_words:
                    words[start : start + length] = [None] * length
                    found = True
            if found:
                yield term


def _term(row):
    return Term(
        english=row["english"],
        words={code: row[language.name.lower()] for code, language in LANGUAGES.items()},
        marks={code: row[f"{language.name.lower()}_mark"] for code, language in LANGUAGES.items()},
        accepts={
            code: [
                form.strip()
                for form in row[f"{language.name.lower()}_accepts"].split("|")
                if form.strip()
            ]
            for code, language in LANGUAGES.items()
        },
        note=row["note"],
    )


def glossary_file_problems(glossary):
    """Rows that are incomplete or there twice."""
    seen = set()
    for term in glossary.terms:
        if term.english in seen:
            yield f"glossary: “{term.english}” is there twice"
        seen.add(term.english)
        for code, word in term.words.items():
            if not LANGUAGES[code].words(word):
                yield f"glossary: “{term.english}” has no {LANGUAGES[code].name} word"
            if term.marks[code] not in MARKS:
                yield f"glossary: “{term.english}” has the unknown mark “{term.marks[code]}”"
