"""Workbooks written by the tests, and what an import found wrong in one."""

import io

import xlsxwriter

from crossmatrix.imports.models import ImportProblem

HEAD = ["Артикул", "Наименование", "Категория", "Поставщик", "Цена", "Остаток"]
PRICE_LIST = [
    HEAD,
    ["000123", "Кабель HDMI", "Аксессуары / Кабели", "ООО «Кабель»", "1 299,00 ₽", 5],
    ["000124", "Консоль", "Игры / Приставки", "Игромир", 49990, 3],
    ["000125", "Настройка", "Услуги", None, 990.5, None],
]


def workbook(rows, *, sheet="Лист1", sheets=None):
    """Bytes of an xlsx with these rows; `sheets` for several."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    ) as book:
        for name, content in (sheets or {sheet: rows}).items():
            page = book.add_worksheet(name)
            for number, row in enumerate(content):
                for column, value in enumerate(row):
                    if value is not None:
                        page.write(number, column, value)
    return out.getvalue()


def codes(batch):
    """(row, code) of each problem."""
    return sorted(ImportProblem.objects.filter(batch=batch).values_list("row", "code"))
