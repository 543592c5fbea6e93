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
