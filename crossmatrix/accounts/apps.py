from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "crossmatrix.accounts"
    label = "accounts"
