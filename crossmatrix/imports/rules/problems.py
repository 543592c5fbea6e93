"""Everything an import can say about a file, a row or a cell: stable code → English sentence (translated when shown)."""

from crossmatrix.lib.errors import N_


class BadValue(Exception):
    """A cell that cannot be taken as it stands."""

    def __init__(self, code: str, **params: object) -> None:
        self.code, self.params = code, params
        super().__init__(code)


class BadFile(Exception):
    """A file that cannot be taken at all. Raised in the child process, shown as a Refusal."""

    def __init__(self, code: str, **params: object) -> None:
        self.code, self.params = code, params
        super().__init__(code)


PROBLEMS: dict[str, str] = {
    # the file
    "file.empty": N_("The file is empty."),
    "file.type": N_(
        "This is not a spreadsheet. Excel (xlsx, xlsm, xlsb, xls), OpenDocument (ods) and CSV can be imported."
    ),
    "file.encrypted": N_(
        "The workbook is protected by a password. Remove the password in Excel and upload the file again."
    ),
    "file.damaged": N_("The file is damaged or was not uploaded completely. Save it again and upload it once more."),
    "file.too_big": N_("The file is larger than %(limit)s MB."),
    "file.bomb": N_("The file unpacks to far more data than a spreadsheet holds; it is not opened."),
    "file.dtd": N_("The file declares XML entities, which spreadsheets never need; it is not opened."),
    "file.too_wide": N_(
        "There is a value in column %(column)s; at most %(limit)s columns can be read. Delete stray cells."
    ),
    "file.too_sparse": N_("A lone cell far away makes the sheet %(rows)s × %(columns)s. Delete stray cells."),
    "file.too_many_cells": N_("The workbook has more than %(limit)s cells. Split it."),
    "file.long_text": N_("A cell holds more text than Excel allows."),
    "file.unreadable": N_("The file cannot be read safely: it is damaged or asks for too much memory."),
    "file.too_slow": N_("Reading took too long and was stopped."),
    "file.no_table": N_("No table was found. Point at the row with the headers."),
    "file.no_rows": N_("There are headers, but not a single row below them."),
    "file.gone": N_("The stored file is gone."),
    "sheet.unknown": N_("There is no sheet “%(sheet)s”. The file has: %(sheets)s."),
    "columns.missing": N_("No column was recognised as %(fields)s. Choose it by hand."),
    "columns.unknown": N_("“%(field)s” is not a field of this kind of file."),
    "header.unknown": N_("The file has no column “%(header)s”."),
    "kind.unknown": N_("What the file holds could not be told from its columns. Choose the kind."),
    "kind.unavailable": N_("Files of kind “%(kind)s” cannot be imported yet."),
    # a cell
    "value.required": N_("The cell is empty, but the value is required."),
    "value.too_long": N_("Longer than %(limit)s characters."),
    "value.not_number": N_("Not a number."),
    "value.percent": N_("A percentage stands in place of a number."),
    "value.negative": N_("The number is negative."),
    "value.too_small": N_("At least %(low)s was expected."),
    "value.too_big": N_("The number is too large."),
    "value.not_whole": N_("A whole number was expected."),
    "value.not_date": N_("Not a date."),
    "value.digits_lost": N_(
        "Excel rounded the code and digits are lost. Format the column as text and enter it again."
    ),
    "value.formula_error": N_("The cell holds a formula error."),
    "value.letters": N_("Only digits are allowed here."),
    "value.unknown_word": N_("Unknown word. Possible: %(words)s."),
    "value.rounded": N_("Rounded to two digits after the point: %(rounded)s."),
    "value.lookalike": N_("Cyrillic and Latin letters are mixed in one code."),
    # a row
    "row.repeated": N_("The same row already stands in row %(other)s; taken once."),
    "row.conflict": N_("Row %(other)s says something else about %(key)s. Keep one of the two."),
    "row.changed_since": N_("Changed by somebody else after the plan was made; left as it is."),
    "row.broken_line": N_("The line has an unbalanced quote."),
    "sku.unknown": N_("There is no product with this SKU."),
    "category.unknown": N_("There is no category with this name."),
    "category.ambiguous": N_("Several categories have this name; write the whole path: %(paths)s."),
    "product.incomplete": N_("There is no such product yet, and the file gives it no name."),
    "product.foreign": N_("The product belongs to a category outside your responsibility."),
    "link.self": N_("A product cannot be its own companion."),
    "link.empty": N_("A new link needs a reason."),
    "pair.not_suitable": N_("This pair is marked “not suitable”: %(reason)s. Withdraw that first."),
    "quantity.negative": N_("The quantity is negative and nothing says that it is a return."),
    "event.bought_more": N_("More were bought than saw it: %(bought)s of %(shown)s."),
    "event.returned_more": N_("More came back than were bought: %(returned)s of %(bought)s."),
    "event.future": N_("The day has not come yet."),
    # what the whole file looks like
    "guard.price_down": N_("%(count)s prices fall by more than %(percent)s %%."),
    "guard.price_up": N_("%(count)s prices rise by more than %(percent)s %%."),
    "guard.out_of_stock": N_("%(count)s products run out of stock with this file."),
    "guard.currency": N_("The currency of %(count)s products changes."),
    "guard.cleared": N_("%(count)s values would be cleared."),
    "guard.wrong_file": N_("Only %(percent)s %% of the SKUs are in the catalog. Is it the right file?"),
    "guard.same_file": N_("The same file was already imported: No. %(batch)s of %(date)s."),
    "guard.hidden_sheets": N_("Hidden sheets are not imported: %(sheets)s."),
    "guard.other_sheets": N_("Other sheets with data: %(sheets)s."),
    "guard.mixed_encoding": N_("%(count)s lines are in another encoding; check them."),
    "guard.double_encoded": N_("The text looks encoded twice; check the letters."),
    "guard.nul_bytes": N_("Unreadable zero bytes were dropped: %(count)s."),
    "guard.error_cells": N_("Cells with formula errors: %(count)s (%(cells)s)."),
    "guard.no_cached": N_("Formulas without a computed value: %(count)s. Open and save the file in Excel."),
    "guard.macros": N_("The workbook contains macros; they are never run."),
    "guard.zero_padded": N_(
        "Numbers are shown with leading zeros by their format (%(digits)s digits). Codes may miss zeros."
    ),
    "guard.duplicate_rows": N_("The file numbers %(count)s rows twice; the last one counts."),
    "guard.too_dear": N_(
        "Links whose companion is too dear for its main product: %(count)s (%(pairs)s). They come in as drafts and do not "
        "go out until a price changes or somebody approves an exception with its reason."
    ),
    "guard.views_without_stock": N_(
        "%(count)s rows were seen while the companion was out of stock: they are kept, but not counted."
    ),
    "guard.new_categories": N_("New categories: %(count)s (%(names)s)."),
    "guard.new_suppliers": N_("New suppliers: %(count)s (%(names)s)."),
}

ADVICE: dict[str, str] = {  # what the person can do about it; where a sentence above says so itself, nothing is here
    "value.required": N_("Fill it in."),
    "value.too_long": N_("Shorten it."),
    "value.not_number": N_("Write it in figures, for example 1299.50."),
    "value.percent": N_("Write the number itself."),
    "value.negative": N_("Write zero or more."),
    "value.too_big": N_("Look whether two numbers ran together."),
    "value.not_date": N_("Write it like 22.11.2026."),
    "value.formula_error": N_("Correct the formula in Excel, or write the value itself."),
    "value.letters": N_("Remove everything else."),
    "value.lookalike": N_("Type the code again in one alphabet."),
    "sku.unknown": N_("Correct it, or import the product first."),
    "category.unknown": N_("Correct it, or import products of that category first."),
    "product.incomplete": N_("Correct the SKU, or add a column with names."),
    "product.foreign": N_("Its manager can import this row."),
    "link.self": N_("Choose another companion."),
    "link.empty": N_("Write why they go together."),
    "quantity.negative": N_("Mark the line as a return, or correct the quantity."),
    "event.bought_more": N_("Look whether the columns are swapped."),
    "event.returned_more": N_("Look whether the columns are swapped."),
    "event.future": N_("Correct the day."),
}
