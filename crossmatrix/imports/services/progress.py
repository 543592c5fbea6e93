"""What a service asks of whoever runs it: a worker's claim, or nobody."""

from typing import Any, Protocol


class Progress(Protocol):
    """Satisfied by jobs.services.Claim."""

    def checkpoint(
        self, *, progress: int | None = None, total: int | None = None, message: str | None = None
    ) -> None: ...

    def confirm(self) -> None: ...


class Quiet:
    """Runs in process: no job, nobody to tell."""

    def checkpoint(self, **_told: Any) -> None: ...

    def confirm(self) -> None: ...
