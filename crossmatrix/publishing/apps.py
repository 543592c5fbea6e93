from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "crossmatrix.publishing"
    label = "publishing"

    def ready(self) -> None:
        from crossmatrix.matrix.selectors.providers import register_published
        from crossmatrix.publishing.selectors import published_pair_ids

        register_published(published_pair_ids)
