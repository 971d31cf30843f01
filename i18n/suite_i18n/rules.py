# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What must hold for one message and its translation."""

import re
from collections import Counter

PLACEHOLDER = re.compile(
    r"%\(\w+\)[-+#0]*\d*(?:\.\d+)?[sdifrxeg]"  # %(name)s
    r"|%[-+#0]*\d*(?:\.\d+)?[sdifrxeg](?!\w)"  # %s
    r"|%%"
    r"|\{\{.*?\}\}"
    r"|\{\w*\}"
)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# Their values are translated, or say nothing about the text's structure
TRANSLATED_ATTRIBUTE = re.compile(r"\b(title|placeholder|alt|aria-label|string|label)=\"[^\"]*\"")
TECHNICAL_NAME = re.compile(r"\b[a-z]\w*(?:[._][a-z]\w*)+\b")
# The last two are Greek: the question mark and the semicolon
ENDINGS = ".:?!,;\u037e·"


def words_only(text):
    """The text without tags, placeholders and names of the program (collection.case)."""
    return TECHNICAL_NAME.sub(" ", PLACEHOLDER.sub(" ", TAG.sub(" ", text)))


def _visible_end(text):
    return TAG.sub("", text).rstrip()[-3:]


def placeholder_problem(msgid, msgstr, _language):
    wanted, found = Counter(PLACEHOLDER.findall(msgid)), Counter(PLACEHOLDER.findall(msgstr))
    if wanted != found:
        return _difference("placeholders", wanted, found)
    unnamed = [mark for mark in PLACEHOLDER.findall(msgid) if _is_unnamed(mark)]
    if unnamed != [mark for mark in PLACEHOLDER.findall(msgstr) if _is_unnamed(mark)]:
        return "the unnamed placeholders are in another order"
    return None


def _is_unnamed(mark):
    return mark[0] == "%" and mark[1] not in "(%"


def tag_problem(msgid, msgstr, _language):
    wanted, found = (
        Counter(TRANSLATED_ATTRIBUTE.sub(r"\1", tag) for tag in TAG.findall(text))
        for text in (msgid, msgstr)
    )
    return _difference("tags", wanted, found) if wanted != found else None


def _difference(what, wanted, found):
    parts = []
    if missing := wanted - found:
        parts.append("missing " + " ".join(missing.elements()))
    if extra := found - wanted:
        parts.append("too much " + " ".join(extra.elements()))
    return f"other {what} than in English: {'; '.join(parts)}"


def space_problem(msgid, msgstr, _language):
    def edges(text):
        return (
            re.match(r"\s*", text).group(),
            re.search(r"\s*$", text).group(),
        )

    return "other spaces at the edges than in English" if edges(msgid) != edges(msgstr) else None


def ending_problem(msgid, msgstr, language):
    wanted, found = _ending(msgid), _ending(msgstr)
    allowed = dict(language.endings).get(wanted, wanted)
    if not wanted and not found:
        return None
    if wanted and found and found in allowed:
        return None
    return f"ends with “{found or 'no mark'}” where English ends with “{wanted or 'no mark'}”"


def _ending(text):
    end = _visible_end(text)
    if end == "..." or end.endswith("…"):
        return "…"
    return end[-1:] if end[-1:] in ENDINGS else ""


def script_problem(msgid, msgstr, language):
    """A text with words needs letters of the language."""
    if re.search(r"[a-zA-Z]{2}", words_only(msgid)) and not language.has_script(msgstr):
        return f"has no {language.name} letter"
    return None


# By the name under which exceptions.toml may except a message from it
RULES = {
    "placeholder": placeholder_problem,
    "tag": tag_problem,
    "space": space_problem,
    "ending": ending_problem,
    "script": script_problem,
}


def glossary_problems(msgid, msgstr, language, glossary):
    """(term, what is wrong) for each term of the message whose word the translation lacks."""
    text = words_only(msgstr)
    for term in glossary.terms_in(words_only(msgid)):
        if not term.used_in(text, language):
            word = term.words[language.code]
            yield term, f"“{term.english}” is “{word}” in the glossary, but here it says “{msgstr}”"
