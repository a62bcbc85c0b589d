"""A workbook as PDF, for printing and for the files of the court."""

from __future__ import annotations

import io
import threading
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from reportlab.pdfgen.canvas import Canvas

from models.language import N_, Language, translate
from server.web.pdf_fonts import Typeface, register_typeface, usual_font_folders
from server.web.pdf_layout import BODY_WIDTH, MARGIN, PAGE_HEIGHT, PAGE_WIDTH, Page, Table, Words, lay_out, wrap
from server.web.sheets import Sheet, Workbook, cell_text, readable

_PAGE_OF: Final = N_("Page {page} of {pages}")
_FOOTER_SIZE: Final = 8.0
_TITLE_SHARE: Final = 0.75
_LANGUAGE_TAGS: Final[dict[Language, str]] = {"zh": "zh-CN", "en": "en"}

# reportlab keeps fonts in a registry of the whole process, so one document is made at a time.
_ONE_AT_A_TIME: Final = threading.Lock()


def pdf_bytes(
    workbook: Workbook,
    zone: ZoneInfo,
    language: Language,
    *,
    font_path: Path | None = None,
    font_folders: Sequence[Path] | None = None,
) -> bytes:
    """A4 landscape, each sheet from a new page, headings on every page, "page x of y" through all sheets.

    Text is drawn as it is; there is no markup that it could contain. The same workbook gives the same bytes on the
    same machine.

    Args:
        workbook: what to print.
        zone: where the reader's clock stands.
        language: of the page numbers; everything else comes translated.
        font_path: TrueType or OpenType font with Chinese characters, to be embedded. None looks for one.
        font_folders: where to look; None for the machine's. Without a font the file names STSong-Light, which the
            reader's program replaces by a Chinese font of its own.

    Raises:
        ValueError: ``font_path`` is not a font that can be embedded.
    """
    tables = [_as_table(sheet, zone) for sheet in workbook.sheets]
    page_of = translate(_PAGE_OF, language)
    characters = _characters(tables) | frozenset(page_of) | frozenset("0123456789")
    folders = usual_font_folders() if font_folders is None else font_folders
    with _ONE_AT_A_TIME:
        typeface = register_typeface(characters, font_path, folders)
        documents = [(table, lay_out(table, typeface.width)) for table in tables]
        return _draw(documents, typeface, page_of, workbook.made_at.astimezone(zone), language)


def _as_table(sheet: Sheet, zone: ZoneInfo) -> Table:
    return Table(
        title=_paper_text(sheet.title),
        subtitle=tuple(map(_paper_text, sheet.subtitle)),
        headings=tuple(_paper_text(column.heading) for column in sheet.columns),
        kinds=tuple(column.kind for column in sheet.columns),
        rows=[
            tuple(_paper_text(cell_text(column, value, zone)) for column, value in zip(sheet.columns, row, strict=True))
            for row in sheet.rows
        ],
        footnotes=tuple(map(_paper_text, sheet.footnotes)),
    )


def _paper_text(text: str) -> str:
    """The text without invisible characters, which fonts show as boxes or gaps."""
    clean = readable(text).replace("\t", " ").replace("\u00a0", " ")
    return clean if clean.isprintable() else "".join(part for part in clean if unicodedata.category(part) != "Cf")


def _characters(tables: Sequence[Table]) -> frozenset[str]:
    found: set[str] = set()
    for table in tables:
        found.update(table.title, *table.subtitle, *table.headings, *table.footnotes)
        for row in table.rows:
            found.update(*row)
    return frozenset(found - {"\n"})


def _draw(
    documents: Sequence[tuple[Table, Sequence[Page]]],
    typeface: Typeface,
    page_of: str,
    made_at: datetime,
    language: Language,
) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(
        target,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        pageCompression=1,
        # Without it the file would hold the moment of writing and differ each time.
        invariant=1,
        initialFontName=typeface.name,  # type: ignore[arg-type]
        lang=_LANGUAGE_TAGS[language],
    )
    canvas.setTitle(documents[0][0].title)
    canvas.setAuthor("Courtclock")
    canvas.setCreator("Courtclock")
    canvas.setDateFormatter(lambda *_: _pdf_date(made_at))
    pages = sum(len(its_pages) for _, its_pages in documents)
    number = 0
    for table, its_pages in documents:
        for page in its_pages:
            number += 1
            _draw_page(canvas, page, typeface)
            _draw_footer(canvas, typeface, table.title, page_of.format(page=number, pages=pages))
            canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw_page(canvas: Canvas, page: Page, typeface: Typeface) -> None:
    for box in page.boxes:
        canvas.setFillGray(box.grey)
        canvas.rect(box.x, box.y, box.width, box.height, stroke=0, fill=1)
    canvas.setFillGray(0)
    for words in page.words:
        _draw_words(canvas, words, typeface)


def _draw_footer(canvas: Canvas, typeface: Typeface, title: str, page_text: str) -> None:
    # The whole title stands above the table; here its first line is enough to put a loose page back.
    first_line = wrap(title, typeface.width, _TITLE_SHARE * BODY_WIDTH / _FOOTER_SIZE)[0]
    _draw_words(canvas, Words(MARGIN, MARGIN, first_line, _FOOTER_SIZE), typeface)
    width = _FOOTER_SIZE * sum(map(typeface.width, page_text))
    _draw_words(canvas, Words(PAGE_WIDTH - MARGIN - width, MARGIN, page_text, _FOOTER_SIZE), typeface)


def _draw_words(canvas: Canvas, words: Words, typeface: Typeface) -> None:
    x = words.x
    for font, part in typeface.runs(words.text):
        canvas.setFont(font, words.size)
        canvas.drawString(x, words.y, part)
        x += words.size * sum(map(typeface.width, part))


def _pdf_date(moment: datetime) -> str:
    """Source: ISO 32000-1, 7.9.4."""
    offset = moment.strftime("%z")
    return f"D:{moment:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"
