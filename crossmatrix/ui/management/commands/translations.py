from argparse import ArgumentParser

from crossmatrix.ui import translations
from crossmatrix.ui.cli import Options, Problems, VerbCommand, verb


def areas_argument(parser: ArgumentParser) -> None:
    parser.add_argument("areas", nargs="*", help="areas; all without one")


class Command(VerbCommand):
    help = "Gettext catalogues, without gettext's own programs."

    @verb("update", help="Extract messages into the catalogues; says how many lack Russian.")
    def update(self, options: Options) -> dict[str, int]:
        return {area: translations.update(area) for area in options["areas"] or translations.areas()}

    update.arguments(areas_argument)

    @verb("compile", help="Write the .mo files.")
    def compile(self, options: Options) -> dict[str, int]:
        return {"written": translations.compile_all()}

    @verb("check", help="List messages without Russian.")
    def check_all(self, options: Options) -> dict[str, list[str]]:
        lacking = {area: translations.missing(area) for area in options["areas"] or translations.areas()}
        lacking = {area: texts for area, texts in lacking.items() if texts}
        if lacking:
            raise Problems(lacking)
        return lacking

    check_all.arguments(areas_argument)
