from django.apps import AppConfig

from crossmatrix.lib.later import later


class InsightsConfig(AppConfig):
    name = "crossmatrix.insights"
    label = "insights"

    def ready(self) -> None:
        """Tell the areas below what orders say: the grid its evidence, the sidebar and the first page their numbers."""
        from crossmatrix.matrix.selectors.providers import register_evidence, register_evidence_detail
        from crossmatrix.ui.nav import register_count
        from crossmatrix.ui.panels import register_panel
        from crossmatrix.ui.queue import register_section

        register_evidence(later("crossmatrix.insights.selectors.evidence.evidence_of"))
        register_evidence_detail(later("crossmatrix.insights.selectors.evidence.evidence_detail"))
        register_count("weak", later("crossmatrix.insights.views.queue.open_count"))
        register_section(later("crossmatrix.insights.views.queue.weak_section"))
        register_panel("product", later("crossmatrix.insights.views.suggestions.product_panel"), order=50)
