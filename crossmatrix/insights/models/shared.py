from typing import Any


def choices(enum: Any) -> list[tuple[str, str]]:
    """Of a closed list, for a field: the words people read come from the rules."""
    return [(member.value, member.value) for member in enum]
