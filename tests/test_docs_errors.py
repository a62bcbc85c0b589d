"""docs/errors.md holds every error code with its sentence, whether trying again helps, and what to do."""

from __future__ import annotations

import pytest

from models.errors import ERROR_KINDS, ErrorKind
from tests.test_docs_pages import page, table_rows

ROWS = {cells[0].strip("`"): cells[1:] for cells in table_rows(page("errors.md"))}


def test_the_page_names_no_code_that_does_not_exist_and_none_twice() -> None:
    assert set(ROWS) <= set(ERROR_KINDS)
    assert len(ROWS) == len(table_rows(page("errors.md")))


@pytest.mark.parametrize("kind", ERROR_KINDS.values(), ids=lambda kind: kind.code)
def test_every_error_has_its_sentence_and_something_to_do(kind: ErrorKind) -> None:
    assert kind.code in ROWS, f"docs/errors.md lacks `{kind.code}`"
    sentence, again, what_to_do = ROWS[kind.code]
    assert sentence == " ".join(kind.sentence.split())
    assert again == ("yes" if kind.retryable else "no")
    assert len(what_to_do) > 5
