from django.apps import AppConfig


class MatrixConfig(AppConfig):
    name = "crossmatrix.matrix"
    label = "matrix"
