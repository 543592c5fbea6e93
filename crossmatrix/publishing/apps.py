from django.apps import AppConfig

from crossmatrix.lib.later import later


class PublishingConfig(AppConfig):
    name = "crossmatrix.publishing"
    label = "publishing"

    def ready(self) -> None:
        """Tell the grid which pairs a live release holds."""
        from crossmatrix.matrix.selectors.providers import register_published

        register_published(later("crossmatrix.publishing.selectors.published_pair_ids"))
