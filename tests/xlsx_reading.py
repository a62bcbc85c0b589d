"""What is inside an XLSX file, read as the format has it (ECMA-376), without a library that could smooth it over."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True, slots=True)
class ReadCell:
    """``kind`` is "s" for a string and "n" for a number; ``form`` is the number format, ``font`` the font's name."""

    kind: str
    value: str
    form: str
    font: str
    bold: bool


class ReadBook:
    """The parts of a file by name, and cells by sheet and reference."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.parts = {name: archive.read(name).decode() for name in archive.namelist()}
        self._trees = {name: _parsed(text) for name, text in self.parts.items()}
        self._strings = [
            "".join(node.text or "" for node in entry.iter(f"{_SPACE}t"))
            for entry in self._tree("xl/sharedStrings.xml").iter(f"{_SPACE}si")
        ]

    @property
    def sheet_names(self) -> list[str]:
        return [node.attrib["name"] for node in self._tree("xl/workbook.xml").iter(f"{_SPACE}sheet")]

    @property
    def defined_names(self) -> dict[str, str]:
        return {
            node.attrib["name"]: node.text or "" for node in self._tree("xl/workbook.xml").iter(f"{_SPACE}definedName")
        }

    def node(self, tag: str, sheet: int = 1) -> ElementTree.Element:
        """The first element of a sheet with this tag."""
        return next(self._sheet(sheet).iter(f"{_SPACE}{tag}"))

    def count(self, tag: str, sheet: int = 1) -> int:
        return sum(1 for _ in self._sheet(sheet).iter(f"{_SPACE}{tag}"))

    def cells(self, sheet: int = 1) -> dict[str, ReadCell]:
        """Cells that hold something, by references such as B7."""
        return {
            node.attrib["r"]: self._cell(node, value.text or "")
            for node in self._sheet(sheet).iter(f"{_SPACE}c")
            if (value := node.find(f"{_SPACE}v")) is not None
        }

    def column(self, letter: str, sheet: int = 1) -> list[ReadCell]:
        """Cells of one column that hold something, from the top."""
        return [cell for reference, cell in self.cells(sheet).items() if re.fullmatch(rf"{letter}\d+", reference)]

    def column_widths(self, sheet: int = 1) -> list[float]:
        widths: list[float] = []
        for node in self._sheet(sheet).iter(f"{_SPACE}col"):
            widths += [float(node.attrib["width"])] * (int(node.attrib["max"]) - int(node.attrib["min"]) + 1)
        return widths

    @property
    def fonts(self) -> set[str]:
        """Names of all fonts that any cell is in."""
        return {name.attrib["val"] for font in self._fonts() for name in font.iter(f"{_SPACE}name")}

    def _cell(self, node: ElementTree.Element, value: str) -> ReadCell:
        look = self._looks()[int(node.attrib.get("s", "0"))]
        font = self._fonts()[int(look.attrib["fontId"])]
        kind = node.attrib.get("t", "n")
        return ReadCell(
            kind=kind,
            value=self._strings[int(value)] if kind == "s" else value,
            form=self._forms().get(look.attrib["numFmtId"], look.attrib["numFmtId"]),
            font=next(font.iter(f"{_SPACE}name")).attrib["val"],
            bold=font.find(f"{_SPACE}b") is not None,
        )

    def _looks(self) -> list[ElementTree.Element]:
        return list(next(self._tree("xl/styles.xml").iter(f"{_SPACE}cellXfs")))

    def _fonts(self) -> list[ElementTree.Element]:
        return list(next(self._tree("xl/styles.xml").iter(f"{_SPACE}fonts")))

    def _forms(self) -> dict[str, str]:
        own = {
            node.attrib["numFmtId"]: node.attrib["formatCode"]
            for node in self._tree("xl/styles.xml").iter(f"{_SPACE}numFmt")
        }
        return {"1": "0", "2": "0.00", "9": "0%", "10": "0.00%", "49": "@"} | own

    def _sheet(self, number: int) -> ElementTree.Element:
        return self._tree(f"xl/worksheets/sheet{number}.xml")

    def _tree(self, name: str) -> ElementTree.Element:
        return self._trees[name]


def _parsed(text: str) -> ElementTree.Element:
    # The file was made by the product a moment ago; nobody else's XML is read here.
    return ElementTree.fromstring(text)  # noqa: S314
