import pytest

from crossmatrix.lib.later import later


def test_the_stand_in_does_what_its_function_does():
    shout = later("crossmatrix.lib.text.clean_text")

    assert shout.__name__ == "clean_text"
    assert shout("  a\u00a0 b ") == "a b"


def test_a_name_that_does_not_exist_fails_when_called_not_when_named():
    missing = later("crossmatrix.lib.text.nothing_of_the_kind")

    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        missing()
