# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The tools in i18n/: what the check finds, and what updating and filling keep."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import polib
import pytest

I18N = Path(__file__).parents[1] / "i18n"
sys.path.insert(0, str(I18N))

from suite_i18n import catalogues  # noqa: E402
from suite_i18n.exceptions import Exceptions  # noqa: E402
from suite_i18n.glossary import Glossary, english_words, glossary_file_problems  # noqa: E402
from suite_i18n.languages import GREEK, HEBREW, LANGUAGES  # noqa: E402


def script(name):
    spec = importlib.util.spec_from_file_location(f"i18n_{name}", I18N / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check, update, fill = script("check"), script("update"), script("fill")


@pytest.fixture(scope="module")
def glossary():
    return Glossary.load()


def exported(*messages):
    """What Odoo exports: a template, sorted by message."""
    template = polib.POFile()
    for message in sorted(messages):
        template.append(
            polib.POEntry(
                msgid=message,
                comment="module: sample\nodoo-python",
                occurrences=[("code:addons/sample/models/sample.py", "0")],
            )
        )
    return template


@pytest.fixture
def addon(tmp_path):
    """An add-on without any message."""
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "__manifest__.py").write_text("{}")
    return catalogues.Addon(folder)


@pytest.fixture
def problems_of(addon, glossary):
    """Translate messages into one language and run the check; returns its lines."""

    def run(translations, language="el", exceptions=(), change=None):
        template = catalogues.build(addon, exported(*translations))
        catalogues.write(template, addon.template)
        catalogue = catalogues.build(addon, template, translations, language)
        if change:
            change(catalogue)
        catalogues.write(catalogue, addon.po(language))
        job = check.Check(addon.path.parent, glossary, Exceptions(exceptions), [language])
        return job.run()

    return run


# The glossary


def test_the_glossary_is_complete_and_accepts_its_own_words(glossary):
    assert not list(glossary_file_problems(glossary))
    for term in glossary.terms:
        for language in LANGUAGES.values():
            assert term.used_in(term.words[language.code], language), (term.english, language.name)


def test_english_terms_are_found_in_singular_and_plural():
    assert english_words("Debt Managers’ branches, parties and cases") == [
        "debt",
        "manager",
        "branch",
        "party",
        "and",
        "case",
    ]


@pytest.mark.parametrize(
    "text, terms",
    [
        ("A promise to pay", ["promise to pay"]),
        ("A promise", ["promise (state)"]),
        ("Promises to pay and a broken promise", ["promise to pay", "broken promise"]),
        ("Pro forma invoice", ["pro-forma"]),
        ("Collection cases", ["collection case"]),
        ("Use collection.case", []),
        ("No word of ours", []),
    ],
)
def test_a_word_belongs_to_the_longest_term(glossary, text, terms):
    from suite_i18n.rules import words_only

    assert [term.english for term in glossary.terms_in(words_only(text))] == terms


@pytest.mark.parametrize(
    "language, english, translation",
    [
        (GREEK, "collection case", "των εισπρακτικών υποθέσεων"),
        (GREEK, "collection case", "ΕΙΣΠΡΑΚΤΙΚΗ ΥΠΟΘΕΣΗ"),
        (GREEK, "credit notes", "ένα πιστωτικό σημείωμα"),
        (GREEK, "kind of relation", "το είδος της σχέσης"),
        (HEBREW, "collection case", "בתיקי הגבייה"),
        (HEBREW, "collection case", "תיק גביה"),
        (HEBREW, "promise to pay", "והבטחות התשלום"),
        (HEBREW, "direct debit (MASAV)", "חיוב מס״ב"),
        (HEBREW, "open documents", "המסמך הפתוח"),
    ],
)
def test_inflected_words_are_recognised(glossary, language, english, translation):
    term = next(term for term in glossary.terms if term.english == english)
    assert term.used_in(translation, language)


@pytest.mark.parametrize(
    "language, english, translation",
    [
        (GREEK, "collection case", "φάκελος είσπραξης"),
        (GREEK, "promise to pay", "υπόσχεση"),
        (GREEK, "debt manager", "οφειλές του διαχειριστή"),
        (HEBREW, "collection case", "מקרה גבייה"),
        (HEBREW, "direct charge (method)", "חיוב מס״ב"),
    ],
)
def test_other_words_are_not_accepted(glossary, language, english, translation):
    term = next(term for term in glossary.terms if term.english == english)
    assert not term.used_in(translation, language)


# The check of one language


def test_a_complete_translation_passes(problems_of):
    assert not problems_of({
        "Promise to Pay": "Υπόσχεση πληρωμής",
        "Which customer?": "Ποιος πελάτης;",
        "%(count)s cases of <b>%s</b>": "%(count)s υποθέσεις: <b>%s</b>",
    })


def test_a_wrong_word_is_reported_with_file_line_message_and_term(problems_of, addon):
    [problem] = problems_of({"New promise to pay": "Νέο τάμα"})
    line = catalogues.read(addon.po("el"))[0].linenum
    assert f"el.po:{line}: “New promise to pay”: “promise to pay” is “υπόσχεση πληρωμής”" in problem
    assert problem.endswith("[glossary]")


@pytest.mark.parametrize(
    "rule, message, translation",
    [
        ("placeholder", "%(name)s is late", "%(nom)s καθυστερεί"),
        ("placeholder", "%s of {count}", "%s από"),
        ("placeholder", "%s has %d", "%d έχει ο %s"),
        ("placeholder", "A discount of 5%% or %s", "Έκπτωση 5%% ή"),
        ("tag", "Use <em>this</em>", "Χρησιμοποιήστε <b>αυτό</b>"),
        ("tag", '<i class="fa fa-check"/> Yes', '<i class="fa fa-star"/> Ναι'),
        ("space", " until ", "έως"),
        ("ending", "Is it late?", "Καθυστερεί?"),
        ("ending", "It is late.", "Καθυστερεί"),
        ("ending", "Late", "Καθυστερεί."),
        ("ending", "Write …", "Γράψτε"),
        ("script", "Customer name", "Customer name"),
    ],
)
def test_what_differs_from_english_is_reported(problems_of, rule, message, translation):
    [problem] = problems_of({message: translation})
    assert problem.endswith(f"[{rule}]")


def test_what_a_reader_sees_may_be_translated_inside_a_tag(problems_of):
    assert not problems_of({'<i title="Late"/> %s': '<i title="Καθυστερεί"/> %s'})


def test_three_dots_and_the_sign_for_them_are_the_same(problems_of):
    assert not problems_of({"Write …": "Γράψτε...", "Loading...": "Φόρτωση…"})


def test_what_is_not_translated_is_reported(problems_of):
    [problem] = problems_of({"Customer": ""})
    assert "is not translated" in problem


def test_fuzzy_and_obsolete_messages_are_reported(problems_of):
    def change(catalogue):
        catalogue[0].flags.append("fuzzy")
        catalogue[1].obsolete = True

    problems = problems_of({"Customer": "Πελάτης", "Late": "Καθυστέρηση"}, change=change)
    assert any("“Customer”: is fuzzy" in problem for problem in problems)
    assert any("“Late”: is obsolete" in problem for problem in problems)


def test_messages_that_are_missing_or_too_many_are_reported(problems_of):
    def change(catalogue):
        catalogue[0].msgid = "Supplier"

    problems = problems_of({"Customer": "Πελάτης"}, change=change)
    assert any("“Supplier”: is not in the template" in problem for problem in problems)
    assert any("“Customer”: is missing" in problem for problem in problems)


def test_plural_forms_are_reported_because_odoo_ignores_them(problems_of):
    def change(catalogue):
        catalogue[0].msgid_plural = "%s days"
        catalogue[0].msgstr_plural = {0: "%s ημέρα", 1: "%s ημέρες"}

    [problem] = problems_of({"%s day": "%s ημέρα"}, change=change)
    assert "has plural forms" in problem


def test_a_wrong_header_is_reported(problems_of):
    def change(catalogue):
        catalogue.metadata["Plural-Forms"] = "nplurals=1; plural=0;"

    [problem] = problems_of({"Customer": "Πελάτης"}, change=change)
    assert "Plural-Forms" in problem


def test_an_addon_without_catalogues_is_reported(addon, glossary):
    problems = check.Check(addon.path.parent, glossary, Exceptions([])).run()
    assert len(problems) == 1
    assert "sample.pot: is missing" in problems[0]


# Exceptions

ADVANCE = {
    "language": "el",
    "rule": "glossary",
    "term": "advance",
    "msgid": "Tell us in advance",
    "reason": "Here it means beforehand.",
}


def test_an_exception_lets_a_message_pass(problems_of):
    translations = {"Tell us in advance": "Πείτε μας εκ των προτέρων"}
    assert problems_of(translations)
    assert not problems_of(translations, exceptions=[ADVANCE])
    assert problems_of(translations, exceptions=[{**ADVANCE, "language": "he"}])
    assert problems_of(translations, exceptions=[{**ADVANCE, "addon": "another"}])


def test_an_exception_needs_a_reason():
    assert not list(Exceptions([ADVANCE]).problems())
    assert list(Exceptions([{**ADVANCE, "reason": " "}]).problems())
    assert list(Exceptions([{**ADVANCE, "rule": "glosary"}]).problems())
    assert list(Exceptions([{**ADVANCE, "message": "x"}]).problems())


def test_an_exception_that_is_not_needed_is_known():
    exceptions = Exceptions([ADVANCE, {**ADVANCE, "msgid": "Gone"}])
    exceptions.allows("sample", "el", "glossary", "Tell us in advance", "advance")
    assert [row["msgid"] for row in exceptions.unused()] == ["Gone"]


# The template against the sources


def test_a_template_behind_the_sources_is_reported(addon, glossary):
    catalogues.write(catalogues.build(addon, exported("Customer", "Old")), addon.template)
    moved = exported("Customer", "New")
    moved[0].occurrences = [("code:addons/sample/models/other.py", "0")]
    job = check.Check(addon.path.parent, glossary, Exceptions([]))
    job.compare_template(addon, moved)
    assert len(job.problems) == 3
    assert any(
        "“New”: is new in code:addons/sample/models/sample.py" in line for line in job.problems
    )
    assert any("“Old”: is no longer in the sources" in line for line in job.problems)
    assert any("“Customer”: is used in other places" in line for line in job.problems)


def test_a_database_that_cannot_be_reached_is_a_problem(addon, glossary):
    catalogues.write(catalogues.build(addon, exported()), addon.template)
    job = check.Check(addon.path.parent, glossary, Exceptions([]), [])
    [problem] = job.run("no_such_database_i18n")
    assert "no_such_database_i18n" in problem


# Updating and filling


def test_updating_keeps_translations_in_the_order_of_the_template(addon):
    list(update.update(addon, exported("Customer", "Late")))
    fill.fill(addon, "el", {fill.key("Customer"): "Πελάτης", fill.key("Late"): "Καθυστέρηση"})
    lines = list(update.update(addon, exported("Advance", "Customer")))
    catalogue = catalogues.read(addon.po("el"))
    assert [(entry.msgid, entry.msgstr) for entry in catalogue] == [
        ("Advance", ""),
        ("Customer", "Πελάτης"),
    ]
    assert any("'Late' → 'Καθυστέρηση'" in line for line in lines)


def test_updating_twice_changes_nothing(addon):
    def contents():
        return {path.name: path.read_text() for path in addon.folder.iterdir()}

    list(update.update(addon, exported("Customer", "A long message " * 12)))
    first = contents()
    assert set(first) == {"sample.pot", "he.po", "el.po"}
    list(update.update(addon, exported("Customer", "A long message " * 12)))
    assert contents() == first


def test_what_is_listed_can_be_filled_in(addon):
    message = " Two\nlines \\ "
    list(update.update(addon, exported(message, "Customer")))
    listed = list(fill.listing([addon], "el"))
    assert listed == [
        f"{fill.key(message)} Two\\nlines \\\\",
        f"{fill.key('Customer')} Customer",
    ]
    answers = ["# by hand", f"{fill.key(message)} Δύο\\nγραμμές \\\\", ""]
    fill.fill(addon, "el", fill.read_translations(answers))
    assert catalogues.translations_of(addon.po("el")) == {message: " Δύο\nγραμμές \\ "}
    assert list(fill.listing([addon], "el")) == [f"{fill.key('Customer')} Customer"]
    assert len(list(fill.listing([addon], "he"))) == 2


def test_what_is_translated_is_replaced_only_where_that_is_asked_for(addon):
    list(update.update(addon, exported("Planned")))
    fill.fill(addon, "el", {fill.key("Planned"): "Προγραμματισμένη"})
    other = {fill.key("Planned"): "Προγραμματισμένο"}
    fill.fill(addon, "el", other)
    assert catalogues.translations_of(addon.po("el")) == {"Planned": "Προγραμματισμένη"}
    fill.fill(addon, "el", other, everything=True)
    assert catalogues.translations_of(addon.po("el")) == {"Planned": "Προγραμματισμένο"}


# From the command line


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(I18N / "check.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_ends_with_a_count_and_status(addon, tmp_path):
    exceptions = tmp_path / "exceptions.toml"
    exceptions.write_text("")
    options = ("--addons", str(tmp_path), "--exceptions", str(exceptions))
    list(update.update(addon, exported("Late")))
    done = run(*options)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].endswith(": 2 problems")
    fill.fill(addon, "el", {fill.key("Late"): "Καθυστέρηση"})
    fill.fill(addon, "he", {fill.key("Late"): "באיחור"})
    done = run(*options)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].endswith(": no problems")
