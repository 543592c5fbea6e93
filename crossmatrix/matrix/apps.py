from django.apps import AppConfig

from crossmatrix.lib.later import later


class MatrixConfig(AppConfig):
    name = "crossmatrix.matrix"
    label = "matrix"

    def ready(self) -> None:
        """Give the product page its companions, the sidebar and the first page their approvals."""
        from crossmatrix.ui.nav import register_count
        from crossmatrix.ui.panels import register_panel
        from crossmatrix.ui.queue import register_section

        register_panel("product", later("crossmatrix.matrix.views.product.slots_panel"), order=10)
        register_panel("product", later("crossmatrix.matrix.views.product.companions_panel"), order=20)
        register_count("approvals", later("crossmatrix.matrix.views.queue.approvals_count"))
        register_section(later("crossmatrix.matrix.views.queue.approvals"))
        register_section(later("crossmatrix.matrix.views.queue.escalated"))
        register_section(later("crossmatrix.matrix.views.queue.returned"))
        register_section(later("crossmatrix.matrix.views.overview.blocked"))
        register_section(later("crossmatrix.matrix.views.overview.coverage"))
        register_section(later("crossmatrix.matrix.views.comments.mentions_section"))
