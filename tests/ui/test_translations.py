import pytest

from crossmatrix.ui import translations


@pytest.mark.parametrize("area", translations.areas())
def test_every_sentence_has_its_russian(area):
    assert translations.missing(area) == []


def test_a_template_sentence_is_found(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% translate "Weak pairs" %} {% blocktranslate count n=3 %}{{ n }} pair{% plural %}{{ n }} pairs{% endblocktranslate %}'
    )

    found = [key for _line, key in translations._template_messages(page)]

    assert found == [(None, "Weak pairs"), (None, ("%(n)s pair", "%(n)s pairs"))]


def test_a_sentence_of_a_pure_rule_is_found(tmp_path):
    module = tmp_path / "rules.py"
    module.write_text('SENTENCE = N_("Nobody approves their own.")\n')

    assert [key for _line, key in translations._python_messages(module)] == [(None, "Nobody approves their own.")]


def test_the_same_words_are_the_same_russian_in_every_area():
    """All catalogues are merged into one, so of two translations one would win everywhere: a context keeps them apart."""
    spoken: dict[object, dict[object, list[str]]] = {}
    for area in translations.areas():
        for message in translations.read_catalogue(area):
            if message.id:
                asked = message.id if isinstance(message.id, str) else message.id[0]
                spoken.setdefault((message.context, asked), {}).setdefault(message.string, []).append(area)

    different = {words: russian for words, russian in spoken.items() if len(russian) > 1}

    assert different == {}
