from django.apps import AppConfig

from crossmatrix.lib.later import later


class ImportsConfig(AppConfig):
    name = "crossmatrix.imports"
    label = "imports"

    def ready(self) -> None:
        """Tell the history of matrices which batches are imports."""
        from crossmatrix.matrix.selectors.history import Desk, register_desk

        register_desk(
            Desk("import:", later("crossmatrix.imports.context.describe"), later("crossmatrix.imports.context.revert"))
        )
