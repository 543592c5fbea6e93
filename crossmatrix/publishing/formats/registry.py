"""The formats there are."""

from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.publishing.formats import excel, json_release, woocommerce
from crossmatrix.publishing.formats.base import Format

FORMATS: dict[str, Format] = {
    form.code: form for form in (woocommerce.WooCommerce(), json_release.JsonRelease(), excel.Excel())
}


class UnknownFormat(Refusal):
    code = "format.unknown"
    sentence = N_("There is no format “%(format)s”. Known formats: %(known)s.")


def format_named(code: str) -> Format:
    """The format. Raises UnknownFormat."""
    if code not in FORMATS:
        raise UnknownFormat(format=code, known=", ".join(FORMATS))
    return FORMATS[code]
