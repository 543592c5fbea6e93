from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "crossmatrix.insights"
    label = "insights"

    def ready(self) -> None:
        """Tell the areas below what orders say: the grid its evidence, the sidebar and the first page their numbers."""
        from crossmatrix.insights.selectors import evidence
        from crossmatrix.insights.views.queue import open_count, weak_section
        from crossmatrix.insights.views.suggestions import product_panel
        from crossmatrix.matrix.selectors.providers import register_evidence, register_evidence_detail
        from crossmatrix.ui.nav import register_count
        from crossmatrix.ui.panels import register_panel
        from crossmatrix.ui.queue import register_section

        register_evidence(evidence.evidence_of)
        register_evidence_detail(evidence.evidence_detail)
        register_count("weak", open_count)
        register_section(weak_section)
        register_panel("product", product_panel, order=50)
