from django.apps import AppConfig


class MatrixConfig(AppConfig):
    name = "crossmatrix.matrix"
    label = "matrix"

    def ready(self) -> None:
        from crossmatrix.matrix.views.product import companions_panel, slots_panel
        from crossmatrix.matrix.views.queue import approvals, approvals_count, returned
        from crossmatrix.ui.nav import register_count
        from crossmatrix.ui.panels import register_panel
        from crossmatrix.ui.queue import register_section

        register_panel("product", slots_panel, order=10)
        register_panel("product", companions_panel, order=20)
        register_count("approvals", approvals_count)
        register_section(approvals)
        register_section(returned)
