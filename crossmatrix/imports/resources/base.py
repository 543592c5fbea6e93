"""Fields that carry everything the staged engine needs, and widgets whose cleaning is a pure parser."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from import_export import fields, resources, widgets

from crossmatrix.imports.rules.problems import PROBLEMS, BadValue
from crossmatrix.imports.rules.specs import ColumnSpec
from crossmatrix.imports.rules.values import CLEARED, parser


class ParsedWidget(widgets.Widget):
    """A widget that cleans with a parser of rules.values; the child process uses the same parser by its name."""

    def __init__(self, parser_name: str, pg_type: str, sniff: str = "", **params: Any) -> None:
        super().__init__()
        self.parser_name, self.pg_type, self.sniff, self.params = parser_name, pg_type, sniff, params
        self.parse = parser(parser_name, params)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The clean value; ValueError with the English sentence, as django-import-export expects."""
        try:
            cleaned = self.parse(value)
        except BadValue as bad:
            raise ValueError(PROBLEMS[bad.code] % bad.params if bad.params else PROBLEMS[bad.code]) from bad
        return None if cleaned is CLEARED else cleaned

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value


class Column(fields.Field):
    """A field with what a spreadsheet needs: synonyms of its header, an example, a width.

    `title` is English and translated where it is shown; `aliases` are the words people write, divided by |.
    """

    def __init__(
        self, attribute: str, title: str, widget: ParsedWidget, *, aliases: str = "", required: bool = False,
        example: str = "", width: int = 16, target: str = "",
    ) -> None:  # fmt: skip
        super().__init__(attribute=attribute, column_name=title, widget=widget)
        self.title, self.required, self.example, self.width = title, required, example, width
        self.aliases = tuple(dict.fromkeys([*(a for a in aliases.split("|") if a), title]))
        self.target = target or attribute


HOOKS = (
    "before_import_row", "after_import_row", "before_save_instance", "after_save_instance", "do_instance_save",
    "skip_row", "import_instance", "get_or_init_instance",
)  # fmt: skip


class DeclaredResource(resources.ModelResource):
    """A resource whose rows are staged, compared and written in sets. Per-row hooks would be skipped: refuse them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for hook in HOOKS:
            if getattr(cls, hook) is not getattr(resources.ModelResource, hook):
                raise ImproperlyConfigured(
                    f"{cls.__name__}.{hook} works row by row; the staged engine cannot honour it"
                )


def specs_of(resource: type[DeclaredResource]) -> tuple[ColumnSpec, ...]:
    """The resource's columns as plain data, in declared order."""
    found = []
    for name, field in resource.fields.items():
        widget: ParsedWidget = field.widget
        found.append(
            ColumnSpec(
                name=name, title=field.title, parser=widget.parser_name, pg_type=widget.pg_type, params=widget.params,
                aliases=field.aliases, required=field.required, example=field.example, width=field.width,
                sniff=widget.sniff, target=field.target,
            )
        )  # fmt: skip
    return tuple(found)
