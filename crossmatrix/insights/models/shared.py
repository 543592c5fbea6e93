from typing import Any

BARE: dict[str, Any] = {"db_constraint": False, "db_index": False}  # a foreign key that costs nothing to write


def choices(enum: Any) -> list[tuple[str, str]]:
    """Of a closed list, for a field: the words people read come from the rules."""
    return [(member.value, member.value) for member in enum]
