from django.urls import URLPattern, URLResolver

app_name = "matrix"
urlpatterns: list[URLPattern | URLResolver] = []
