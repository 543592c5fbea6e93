from django.apps import AppConfig


class BundlesConfig(AppConfig):
    name = "crossmatrix.bundles"
    label = "bundles"

    def ready(self) -> None:
        from crossmatrix.bundles import context
        from crossmatrix.ui.nav import register_count
        from crossmatrix.ui.queue import register_section

        register_count("bundles", context.waiting)
        register_count("portal", context.to_change)
        register_section(context.section)
