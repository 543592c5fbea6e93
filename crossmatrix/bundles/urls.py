from django.urls import path

from crossmatrix.bundles import views

app_name = "bundles"
urlpatterns = [
    path("", views.bundles, name="list"),
    path("<uuid:public_id>/", views.review, name="review"),
    path("<uuid:public_id>/claim/", views.claim, name="claim"),
    path("<uuid:public_id>/approve/", views.approve, name="approve"),
    path("<uuid:public_id>/return/", views.return_, name="return"),
    path("<uuid:public_id>/decline/", views.decline, name="decline"),
]
