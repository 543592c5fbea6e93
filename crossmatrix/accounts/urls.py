from django.urls import URLPattern, URLResolver, path

from crossmatrix.accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.profile, name="profile"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.language, name="language"),
    path("deputies/", views.add_deputy, name="add_deputy"),
    path("deputies/<int:pk>/end/", views.end_deputy, name="end_deputy"),
    path("theme/", views.theme, name="theme"),
]
