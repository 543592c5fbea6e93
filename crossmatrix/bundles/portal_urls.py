from django.urls import path

from crossmatrix.bundles import portal_views as views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("products/", views.products, name="products"),
    path("bundles/new/", views.new, name="new"),
    path("bundles/search/", views.search, name="search"),
    path("bundles/item/", views.item, name="item"),
    path("bundles/<uuid:public_id>/", views.bundle, name="bundle"),
    path("bundles/<uuid:public_id>/edit/", views.edit, name="edit"),
    path("bundles/<uuid:public_id>/submit/", views.submit, name="submit"),
    path("bundles/<uuid:public_id>/withdraw/", views.withdraw, name="withdraw"),
]
