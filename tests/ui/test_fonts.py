from fontTools.ttLib import TTFont

from crossmatrix.ui.management.commands import fonts


def test_the_subset_is_small_and_has_russian_and_the_signs_of_trade(tmp_path):
    size = fonts.build(tmp_path / "inter.woff2")

    font = TTFont(tmp_path / "inter.woff2")
    letters = set(font.getBestCmap())
    assert size < 60_000
    assert {ord(letter) for letter in "AzЯёё₽№→−×≠—«»"} <= letters
    assert [axis.axisTag for axis in font["fvar"].axes] == ["wght"]


def test_ranges_of_letters_are_read_inclusively():
    assert fonts.codepoints("U+0041-0043,U+20BD") == {0x41, 0x42, 0x43, 0x20BD}
