"""Numbers that machines read are not written for people: "1 234" is no id."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LOCALISED = re.compile(r"""=["']?[^"'<>]*\{\{ *[\w.]*\b(?:pk|id) *\}\}""")


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_ids_in_attributes_are_plain_numbers(path):
    assert LOCALISED.findall(path.read_text(encoding="utf-8")) == []
