from django.urls import URLPattern, URLResolver, path

from crossmatrix.catalog import views

app_name = "catalog"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.products, name="products"),
    path("quality/", views.quality, name="quality"),
    path("<int:pk>/", views.product, name="product"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/retire/", views.retire, name="retire"),
]
