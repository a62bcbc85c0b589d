"""A workbook as a file that the browser saves."""

from __future__ import annotations

from io import BytesIO
from typing import Final, Literal, assert_never
from zoneinfo import ZoneInfo

from flask import Response, request, send_file

from models.language import Language
from server.web.csv_files import csv_bytes
from server.web.pdf import pdf_bytes
from server.web.sheets import Workbook
from server.web.xlsx import xlsx_bytes

FileForm = Literal["csv", "xlsx", "pdf"]
AS_FILE: Final = "<any(csv, xlsx, pdf):form>"
"""How an address ends that gives a file."""
_MEDIA_TYPES: Final[dict[FileForm, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def as_file(workbook: Workbook, form: FileForm, name: str, zone: ZoneInfo, language: Language) -> Response:
    """The workbook in one of the three forms.

    CSV has a single table, the first sheet, after a byte order mark unless the address says ``?bom=0``.

    Args:
        workbook: what to write.
        form: kind of file.
        name: of the file, without its ending.
        zone: where the reader's clock stands.
        language: of the reader.
    """
    match form:
        case "csv":
            content = csv_bytes(workbook.sheets[0], zone, byte_order_mark=request.args.get("bom") != "0")
        case "xlsx":
            content = xlsx_bytes(workbook, zone)
        case "pdf":
            content = pdf_bytes(workbook, zone, language)
        case _:
            assert_never(form)
    return send_file(
        BytesIO(content),
        mimetype=_MEDIA_TYPES[form],
        as_attachment=True,
        download_name=f"{name}.{form}",
        etag=False,
    )
