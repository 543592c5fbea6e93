from django.apps import AppConfig

from crossmatrix.lib.later import later


class PublishingConfig(AppConfig):
    name = "crossmatrix.publishing"
    label = "publishing"

    def ready(self) -> None:
        """Tell the matrix which pairs a live release holds, and what each storefront shows of a main."""
        from crossmatrix.matrix.selectors.providers import register_published, register_storefronts

        register_published(later("crossmatrix.publishing.selectors.published_pair_ids"))
        register_storefronts(later("crossmatrix.publishing.selectors.storefronts_of"))
