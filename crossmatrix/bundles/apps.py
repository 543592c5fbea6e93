from django.apps import AppConfig

from crossmatrix.lib.later import later


class BundlesConfig(AppConfig):
    name = "crossmatrix.bundles"
    label = "bundles"

    def ready(self) -> None:
        """Give the sidebar and the first page the proposals that wait."""
        from crossmatrix.ui.nav import register_count
        from crossmatrix.ui.queue import register_section

        register_count("bundles", later("crossmatrix.bundles.context.waiting"))
        register_count("portal", later("crossmatrix.bundles.context.to_change"))
        register_section(later("crossmatrix.bundles.context.section"))
