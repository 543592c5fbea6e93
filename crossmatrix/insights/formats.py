"""The orders behind a pair as a workbook."""

from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crossmatrix.catalog.models import Product
from crossmatrix.insights.selectors.orders_behind import OrdersBehind


def orders_workbook(main: Product, companion: Product, behind: OrdersBehind) -> bytes:
    """One row for each order; numbers as numbers, SKUs and order numbers as text."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd.mm.yyyy hh:mm"}) as book:
        sheet, bold, money = (
            book.add_worksheet(),
            book.add_format({"bold": True}),
            book.add_format({"num_format": "# ##0.00"}),
        )
        sheet.write_string(0, 0, f"{main.sku} {main.name} → {companion.sku} {companion.name}", bold)
        sheet.write_string(1, 0, f"{behind.first:%d.%m.%Y} – {behind.last:%d.%m.%Y}: {behind.total}")
        titles = (
            pgettext("purchase", "Order"), _("Ordered"), _("Products in it"), _("Main, pcs"), _("Main, paid"), _("Companion, pcs"),
            _("Companion, paid"), _("Discount on the companion"), _("Store"), _("Channel"), _("Segment"), _("Customer"),
        )  # fmt: skip
        for column, title in enumerate(titles):
            sheet.write_string(3, column, title, bold)
        for row, order in enumerate(behind.orders, start=4):
            sheet.write_string(row, 0, order.order_id)
            sheet.write_datetime(row, 1, order.ordered_at)
            sheet.write_number(row, 2, order.products)
            sheet.write_number(row, 3, order.main_quantity)
            sheet.write_number(row, 5, order.companion_quantity)
            amounts = {4: order.main_amount, 6: order.companion_amount, 7: order.companion_discount}
            for column, amount in amounts.items():
                if amount is not None:
                    sheet.write_number(row, column, amount / 100, money)
            for column, text in ((8, order.store), (9, order.channel), (10, order.segment), (11, order.customer)):
                sheet.write_string(row, column, text or "")
        sheet.set_column(0, 1, 18)
        sheet.set_column(2, len(titles) - 1, 14)
        sheet.freeze_panes(4, 1)
    return out.getvalue()
