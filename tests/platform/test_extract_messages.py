"""What a translator must see, and what keeps a catalogue from being complete."""

from pathlib import Path

import polib
import pytest

from onepoint.core import catalogues
from onepoint.core.catalogues import Message

SOURCE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
TITLE = _("Title")
def sentence(count: int) -> str:
    return ngettext("%(n)d ticket", "%(n)d tickets", count) % {"n": count} + pgettext("month", "May") + _(TITLE)
"""
TEMPLATE = """<div>
    {% translate "Save" %}
      {% if count %}<p title="{% translate 'Help' context 'noun' %}">
        {% blocktranslate trimmed with name=person.name %}
            Hello {{ name }},
            welcome
        {% endblocktranslate %}</p>
    {% endif %}
  {% blocktranslate count n=total %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
</div>"""


@pytest.fixture
def capability(tmp_path: Path) -> Path:
    folder = tmp_path / "gardens"
    (folder / "templates" / "gardens").mkdir(parents=True)
    (folder / "apps.py").write_text("")
    (folder / "views.py").write_text(SOURCE)
    (folder / "templates" / "gardens" / "page.html").write_text(TEMPLATE)
    return folder


def translate_all(capability: Path) -> polib.POFile:
    catalogue = polib.pofile(str(catalogues.catalogue_of(capability)))
    for entry in catalogue:
        translation = "译" + "".join(f"%({name})s" for name in sorted(catalogues.placeholders(entry.msgid)))
        if entry.msgid_plural:
            entry.msgstr_plural = {0: translation}
        else:
            entry.msgstr = translation
    catalogue.save()
    return catalogue


def test_strings_of_python_and_templates_are_found_with_plural_and_context(capability: Path) -> None:
    assert catalogues.messages_of(capability) == [
        Message("%(n)d ticket", plural="%(n)d tickets"),
        Message("%(n)s row", plural="%(n)s rows"),
        Message("Hello %(name)s, welcome"),
        Message("Help", context="noun"),
        Message("May", context="month"),
        Message("Save"),
        Message("Title"),
    ]


def test_a_new_catalogue_has_every_string_and_each_is_reported_until_translated(capability: Path) -> None:
    assert list(catalogues.faults(capability)) == ["gardens: no catalogue for 7 strings"]
    assert catalogues.update(capability) == (7, 7)
    assert len(list(catalogues.faults(capability))) == 7
    translate_all(capability)
    assert list(catalogues.faults(capability)) == []


def test_translations_survive_an_update_and_unused_ones_go(capability: Path) -> None:
    catalogues.update(capability)
    translate_all(capability)
    (capability / "views.py").write_text('from x import gettext as _\n_("Title")\n_("New")')
    assert list(catalogues.faults(capability)) == [
        "gardens: not in the catalogue: 'New'",
        "gardens: no longer used: '%(n)d ticket'",
        "gardens: no longer used: 'May'",
    ]
    assert catalogues.update(capability) == (6, 1)
    assert polib.pofile(str(catalogues.catalogue_of(capability))).find("Title").msgstr == "译"


def test_an_update_without_changes_leaves_the_file_alone(capability: Path) -> None:
    catalogues.update(capability)
    translate_all(capability)
    catalogues.update(capability)
    before = catalogues.catalogue_of(capability).read_bytes()
    catalogues.update(capability)
    assert catalogues.catalogue_of(capability).read_bytes() == before


def test_a_translation_that_loses_a_placeholder_is_a_fault(capability: Path) -> None:
    catalogues.update(capability)
    catalogue = translate_all(capability)
    catalogue.find("Hello %(name)s, welcome").msgstr = "欢迎"
    catalogue.save()
    assert [fault.partition("→")[0] for fault in catalogues.faults(capability)] == [
        "gardens: other placeholders: 'Hello %(name)s, welcome' "
    ]


def test_two_capabilities_may_not_translate_one_string_differently(capability: Path) -> None:
    other = capability.with_name("orchards")
    (other / "templates").mkdir(parents=True)
    (other / "apps.py").write_text("")
    (other / "views.py").write_text('from x import gettext as _\n_("Title")')
    for folder in (capability, other):
        catalogues.update(folder)
        translate_all(folder)
    assert list(catalogues.contradictions(capability.parent)) == []
    catalogue = polib.pofile(str(catalogues.catalogue_of(other)))
    catalogue.find("Title").msgstr = "标题"
    catalogue.save()
    assert list(catalogues.contradictions(capability.parent)) == ["'Title' is '译' in gardens and '标题' in orchards"]
