from django.apps import AppConfig

from crossmatrix.lib.later import later


class InsightsConfig(AppConfig):
    name = "crossmatrix.insights"
    label = "insights"

    def ready(self) -> None:
        """Tell the areas below what orders say: the grid its evidence, the sidebar and the first page their numbers."""
        from crossmatrix.insights.rules.words import WEAK_EVENTS
        from crossmatrix.jobs.services import follow
        from crossmatrix.matrix.rules.names import register_events
        from crossmatrix.matrix.selectors.beside import Suggester, register_effect, register_suggester
        from crossmatrix.matrix.selectors.providers import register_evidence, register_evidence_detail, register_marked
        from crossmatrix.ui.nav import register_count
        from crossmatrix.ui.panels import register_panel
        from crossmatrix.ui.queue import register_section

        register_events(WEAK_EVENTS)
        register_suggester(
            Suggester(
                suggest=later("crossmatrix.insights.services.beside.suggest_beside"),
                orders=later("crossmatrix.insights.services.beside.dials"),
                accept=later("crossmatrix.insights.services.beside.accept_beside"),
                refuse=later("crossmatrix.insights.services.beside.refuse_beside"),
                put_off=later("crossmatrix.insights.services.beside.put_off_beside"),
            )
        )
        register_effect(later("crossmatrix.insights.selectors.effect.effect_of"))
        register_evidence(later("crossmatrix.insights.selectors.evidence.evidence_of"))
        register_evidence_detail(later("crossmatrix.insights.selectors.evidence.evidence_detail"))
        register_marked(later("crossmatrix.insights.selectors.marked.marked_mains"))
        register_count("weak", later("crossmatrix.insights.views.queue.open_count"))
        register_section(later("crossmatrix.insights.views.queue.weak_section"))
        register_section(later("crossmatrix.insights.views.quality.pulse_section"))
        register_section(later("crossmatrix.insights.views.queue.digest_section"))
        register_section(later("crossmatrix.insights.views.bestsellers.section"))
        register_panel("product", later("crossmatrix.insights.views.suggestions.product_panel"), order=50)
        look, recheck = "crossmatrix.insights.tasks.flag_fixed_causes", "crossmatrix.matrix.tasks.recheck_ratios"
        follow("catalog.changed", recheck)
        follow("catalog.changed", look)
        follow(recheck, look)
        weak = "crossmatrix.insights.tasks.flag_weak_pairs"
        follow(weak, "crossmatrix.insights.tasks.count_dashboards", queue="mining")
