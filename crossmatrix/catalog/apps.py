from django.apps import AppConfig

from crossmatrix.lib.later import later


class CatalogConfig(AppConfig):
    name = "crossmatrix.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Let people find products from the command menu."""
        from crossmatrix.ui.commands import register_search

        register_search(later("crossmatrix.catalog.context.find_products"))
