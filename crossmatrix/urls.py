"""The only file that knows every area's web face."""

from django.urls import include, path

urlpatterns = [
    path("", include("crossmatrix.home.urls")),
    path("account/", include("crossmatrix.accounts.urls")),
    path("products/", include("crossmatrix.catalog.urls")),
    path("matrix/", include("crossmatrix.matrix.urls")),
    path("evidence/", include("crossmatrix.insights.urls")),
    path("bundles/", include("crossmatrix.bundles.urls")),
    path("portal/", include("crossmatrix.bundles.portal_urls")),
    path("channels/", include("crossmatrix.publishing.urls")),
    path("imports/", include("crossmatrix.imports.urls")),
    path("jobs/", include("crossmatrix.jobs.urls")),
    path("api/", include("crossmatrix.api.urls")),
    path("ui/", include("crossmatrix.ui.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
