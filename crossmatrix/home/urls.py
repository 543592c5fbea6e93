from django.urls import URLPattern, URLResolver, path

from crossmatrix.home import views

app_name = "home"
urlpatterns: list[URLPattern | URLResolver] = [path("", views.home, name="home")]
