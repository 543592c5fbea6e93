"""Looks at an upload before any reader does: what is it really, and would it hurt? Streams; holds about 2 MB at a time.

Each limit was set beside 2,269 public test files: 4 readable ones are refused, every hostile one is.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossmatrix.imports.rules.problems import BadFile

Warning_ = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Limits:
    file: int = 300 << 20
    parts: int = 5000
    unpacked: int = 2 << 30
    ratio: int = 250  # legitimate maximum seen: 121
    ratio_from: int = 50 << 20  # small parts may be as repetitive as they like
    cells: int = 30_000_000
    columns: int = 1000
    dense: int = 150_000_000  # rows × columns the reader would allocate
    text: int = 32_767 * 4 + 200  # bytes between two tags of the shared strings
    rows: int = 1_048_576


@dataclass
class Facts:
    """`kind`: xlsx, xlsb, ods, ole, biff, xml2003, html or csv. `errors`: sheet part → references of error cells."""

    kind: str
    rows: int = 0
    warnings: list[Warning_] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)  # sheet name → part


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BIFF = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00", b"\x09\x00\x04\x00")
PICTURES = (
    b"\x89PNG\r\n\x1a\n",
    b"%PDF",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"{\\rtf",
    b"\x7fELF",
    b"MZ\x90",
)


def kind_of(path: Path) -> str:  # noqa: PLR0911 - a list of signatures, one line each
    """The kind by content, never by name."""
    with path.open("rb") as handle:
        head = handle.read(8192)
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise BadFile("file.empty")
    if head.startswith(PICTURES):
        raise BadFile("file.type")
    if b"PK\x03\x04" in head[:64] or head[:4] == b"PK\x05\x06":
        return "zip"
    if head.startswith(OLE):
        return "ole"
    if head.startswith(BIFF):
        return "biff"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    text = head.lstrip(b"\xef\xbb\xbf\r\n\t ")[:4096].lower()
    if text.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "xml2003"
    if b"<html" in text or b"<table" in text:
        return "html"
    strange = text.startswith((b"<?xml", b"{")) or head.count(b"\x00") > max(16, len(head) // 3)
    if strange and not utf16_without_mark(head):
        raise BadFile("file.type")
    return "csv"


def utf16_without_mark(head: bytes) -> bool:
    """Every second byte of Latin or digit text in UTF-16 is zero."""
    even, odd = head[0:400:2].count(0), head[1:400:2].count(0)
    return max(even, odd) > 0.3 * len(head[:400]) / 2 and min(even, odd) < 5


def check(path: Path, limits: Limits | None = None) -> Facts:
    """Facts about a file that is safe to open. Raises BadFile."""
    limits = limits or Limits()
    if path.stat().st_size > limits.file:
        raise BadFile("file.too_big", limit=limits.file >> 20)
    kind = kind_of(path)
    if kind == "ole":
        return check_ole(path)
    if kind != "zip":
        return Facts(kind)
    try:
        with zipfile.ZipFile(path) as package:
            return check_package(package, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        struct.error,
        ValueError,
        EOFError,
        RuntimeError,  # of a compression that zipfile does not know, and of a part under a password
    ) as broken:
        raise BadFile("file.damaged", detail=str(broken)[:200]) from None


FILEPASS = re.compile(
    rb"\x2f\x00(?:\x36\x00|\x04\x00|\xc8\x00|\x06\x00)[\x00\x01]"
)  # BIFF record: the stream is encrypted


def check_ole(path: Path) -> Facts:
    """An OLE container is an old .xls, or an encrypted package of a new workbook, or a Word file."""
    with path.open("rb") as handle:
        data = handle.read(8 << 20)
    if "EncryptedPackage".encode("utf-16le") in data:
        raise BadFile("file.encrypted")
    if not any(name.encode("utf-16le") in data for name in ("Workbook", "Book", "WORKBOOK", "BOOK")):
        raise BadFile("file.type")
    start = data.find(b"\x09\x08\x10\x00\x00\x06")
    if start >= 0 and FILEPASS.search(data, start, start + 600):
        raise BadFile("file.encrypted")
    facts = Facts("ole")
    if "_VBA_PROJECT".encode("utf-16le") in data:
        facts.warnings.append(("guard.macros", {}))
    return facts


def check_package(package: zipfile.ZipFile, limits: Limits) -> Facts:  # noqa: C901 - a list of refusals
    parts = package.infolist()
    if len(parts) > limits.parts:
        raise BadFile("file.bomb")
    names = [part.filename.replace("\\", "/") for part in parts]
    if len(set(names)) != len(names):
        raise BadFile("file.damaged", detail="duplicate parts")
    if sum(part.file_size for part in parts) > limits.unpacked:
        raise BadFile("file.bomb")
    for part in parts:
        if part.flag_bits & 1:
            raise BadFile("file.encrypted")
        if part.file_size > limits.ratio_from and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise BadFile("file.bomb")
    by_name = {name.lower(): part for name, part in zip(names, parts, strict=True)}
    facts = Facts(workbook_kind(by_name))
    if any(name.endswith("vbaproject.bin") for name in by_name):
        facts.warnings.append(("guard.macros", {}))
    for name, part in by_name.items():
        if name.endswith((".xml", ".rels")):
            refuse_entities(package, part)
    if facts.kind in ("xlsx", "ods"):
        scan_parts(package, by_name, facts, limits)
    if facts.kind == "xlsx":
        facts.parts = sheet_parts(package, by_name)
        remark_zero_padding(package, by_name, facts)
    return facts


def workbook_kind(by_name: dict[str, zipfile.ZipInfo]) -> str:
    if "mimetype" in by_name and "content.xml" in by_name:
        return "ods"
    if "xl/workbook.bin" in by_name:
        return "xlsb"
    if any(name.endswith("workbook.xml") for name in by_name):
        return "xlsx"
    raise BadFile("file.type")


def refuse_entities(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A document type can only stand before the first element."""
    with package.open(part) as handle:
        head = handle.read(65_536)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="ignore").encode()
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise BadFile("file.dtd")


WIDE_CELL = re.compile(rb'<c r="([A-Z]{2,3})\d+"(?:[^>]*[^/])?>')
ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
ERROR_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3}\d+)"[^>]*?\bt="e"')
NO_CACHED = re.compile(rb"<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')
CHUNK = 1 << 20
ERRORS_KEPT = 10_000


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def scan_parts(package: zipfile.ZipFile, by_name: dict[str, zipfile.ZipInfo], facts: Facts, limits: Limits) -> None:
    unpacked = cells = no_cached = 0
    for name, part in by_name.items():
        if name == "xl/sharedstrings.xml":
            unpacked += scan_strings(package, part, limits)
        elif (name.startswith("xl/worksheets/") and name.endswith(".xml")) or name == "content.xml":
            scan = SheetScan(limits, ods=name == "content.xml")
            unpacked += scan.run(package, part, limits.unpacked - unpacked)
            cells += scan.cells
            no_cached += scan.no_cached
            facts.rows = max(facts.rows, scan.last_row)
            if scan.errors:
                facts.errors[name] = scan.errors
            if scan.last_row and scan.rows > scan.last_row:
                facts.warnings.append(("guard.duplicate_rows", {"count": scan.rows - scan.last_row}))
            if cells > limits.cells:
                raise BadFile("file.too_many_cells", limit=limits.cells)
    if no_cached:
        facts.warnings.append(("guard.no_cached", {"count": no_cached}))
    if facts.errors:
        references = [reference for found in facts.errors.values() for reference in found]
        facts.warnings.append(("guard.error_cells", {"count": len(references), "cells": ", ".join(references[:10])}))


def scan_strings(package: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> int:
    """Shared strings: an honest count, and no string a cell could not hold."""
    got, tail = 0, b""
    for block in blocks_of(package, part):
        if got == 0:
            counts = [int(n) for n in re.findall(rb'\b(?:uniqueCount|count)="(\d{1,20})"', block[:4096])]
            unique = re.search(rb'uniqueCount="(\d{1,20})"', block[:4096])
            if (unique and int(unique[1]) * 5 > part.file_size + 1000) or max(counts, default=0) > 4_000_000_000:
                raise BadFile("file.damaged", detail="shared string count")
        got += len(block)
        if got > part.file_size + CHUNK:
            raise BadFile("file.bomb")
        buffer, at = tail + block, 0
        while len(buffer) - at > limits.text:  # hop from tag to tag; a wider gap is one over-long string
            tag = buffer.rfind(b"<", at, at + limits.text)
            if tag < 0:
                raise BadFile("file.long_text")
            at = tag + 1
        tail = buffer[at:]
    return got


class SheetScan:
    """One pass over a worksheet's XML that counts and never builds a cell."""

    def __init__(self, limits: Limits, *, ods: bool) -> None:
        self.limits, self.ods = limits, ods
        self.cells = self.rows = self.last_row = self.widest = self.no_cached = 0
        self.errors: list[str] = []

    def run(self, package: zipfile.ZipFile, part: zipfile.ZipInfo, allowed: int) -> int:
        got, tail = 0, b""
        for block in blocks_of(package, part):
            got += len(block)
            if got > part.file_size + CHUNK or got > allowed:
                raise BadFile("file.bomb")
            buffer = tail + block
            cut = buffer.rfind(b"</c>")
            cut = cut + 4 if cut >= 0 else len(buffer)
            tail = buffer[cut:] if len(buffer) - cut < CHUNK else b""
            self.take(buffer[:cut])
        if self.last_row * max(self.widest, 26 if self.cells else 0) > self.limits.dense and self.widest > 26:
            raise BadFile("file.too_sparse", rows=self.last_row, columns=self.widest)
        return got

    def take(self, xml: bytes) -> None:
        bare = xml.count(b"<c>")
        cells = bare + xml.count(b"<c ")
        self.cells += cells
        self.rows += xml.count(b"<row ") + xml.count(b"<row>")
        room = self.limits.columns * max(self.rows, 1)
        if cells > room and bare + xml.count(b"<c t=") > room:
            raise BadFile("file.too_wide", column="?", limit=self.limits.columns)
        for letters in set(WIDE_CELL.findall(xml)):
            number = column_number(letters)
            self.widest = max(self.widest, number)
            if number > self.limits.columns:
                raise BadFile("file.too_wide", column=letters.decode(), limit=self.limits.columns)
        if self.ods:
            for repeat in REPEATED.findall(xml):
                if int(repeat[:12]) > self.limits.rows * 16:
                    raise BadFile("file.bomb")
        if b't="e"' in xml and len(self.errors) < ERRORS_KEPT:
            self.errors += [reference.decode() for reference in ERROR_CELL.findall(xml)]
        if b"<f" in xml:
            self.no_cached += sum(1 for _found in NO_CACHED.finditer(xml))
        last = last_number(xml)
        if last:
            self.last_row = max(self.last_row, int(last[:10]))


def last_number(xml: bytes) -> bytes:
    """The number of the last row that has one; as a rule it stands in the last row tag there is."""
    tag = xml.rfind(b"<", 0, max(xml.rfind(b"row "), 0))
    found = ROW_NUMBER.match(xml, tag) if tag >= 0 else None
    if found:
        return found[1]
    numbers = ROW_NUMBER.findall(xml[-200_000:])
    return numbers[-1] if numbers else b""


def blocks_of(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part unpacked, a megabyte at a time; the next one is unpacked while the present one is looked at."""
    with package.open(part) as handle, ThreadPoolExecutor(max_workers=1) as ahead:
        coming = ahead.submit(handle.read, CHUNK)
        while block := coming.result():
            coming = ahead.submit(handle.read, CHUNK)
            yield block


def sheet_parts(package: zipfile.ZipFile, by_name: dict[str, zipfile.ZipInfo]) -> dict[str, str]:
    """Sheet name → part, by the workbook's relations; an unusual workbook gives less, never an error."""
    workbook = next((part for name, part in by_name.items() if name.endswith("workbook.xml")), None)
    relations = next((part for name, part in by_name.items() if name.endswith("workbook.xml.rels")), None)
    if not workbook or not relations or max(workbook.file_size, relations.file_size) > 5 << 20:
        return {}
    import html  # noqa: PLC0415 - a megabyte of tables that most files do not need

    targets: dict[str, str] = {}
    for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", package.read(relations)):
        found = dict(re.findall(rb'(\w+)="([^"]*)"', tag))
        target = found.get(b"Target", b"").decode().lstrip("/").lower()
        targets[found.get(b"Id", b"").decode()] = target if target.startswith("xl/") else f"xl/{target}"
    sheets: dict[str, str] = {}
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", package.read(workbook)):
        name = re.search(rb'\bname="([^"]*)"', tag)
        link = re.search(rb'\b\w+:id="([^"]*)"', tag)
        if name and link:
            sheets[html.unescape(name[1].decode(errors="replace"))] = targets.get(link[1].decode(), "")
    return sheets


def remark_zero_padding(package: zipfile.ZipFile, by_name: dict[str, zipfile.ZipInfo], facts: Facts) -> None:
    """Codes kept as numbers and shown with zeros by their format arrive without the zeros: say so."""
    styles = by_name.get("xl/styles.xml")
    if not styles or styles.file_size > 20 << 20:
        return
    data = package.read(styles)
    padded = {
        int(number): len(zeros) for number, zeros in re.findall(rb'numFmtId="(\d{1,9})"\s+formatCode="(0{2,20})"', data)
    }
    formats = re.search(rb"<cellXfs.*?</cellXfs>", data, re.DOTALL)
    used = (
        {int(n) for n in re.findall(rb'<xf\b[^>]*?numFmtId="(\d{1,9})"', formats.group())}
        if padded and formats
        else set()
    )
    digits = sorted({length for number, length in padded.items() if number in used})
    if digits:
        facts.warnings.append(("guard.zero_padded", {"digits": ", ".join(map(str, digits))}))
