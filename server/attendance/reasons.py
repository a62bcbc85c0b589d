"""Reasons: why something is as it is, as a code with figures, so that they can be stored and put into any language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

ReasonCode = Literal[
    "voided",
    "outside_every_window",
    "later_than_arrival",
    "earlier_than_departure",
    "farther_than_used",
    "same_visit",
    "no_work_expected",
    "other_workday",
    "corrected",
]
_CODES: Final = frozenset(get_args(ReasonCode))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a clock event decided nothing.

    Attributes:
        code: what it is.
        params: its figures as pairs, in the order of their names. ``point`` is the number of a clock point in its
            shift, from 0; ``date`` is an ISO 8601 date.

    Raises:
        ValueError: the code is not known.
    """

    code: ReasonCode
    params: tuple[tuple[str, int | str], ...] = ()

    def __post_init__(self) -> None:
        if self.code not in _CODES:
            raise ValueError(f"not a reason: {self.code!r}")

    @staticmethod
    def of(code: ReasonCode, **params: int | str) -> Reason:
        """A reason with its figures by name."""
        return Reason(code, tuple(sorted(params.items())))

    def __getitem__(self, name: str) -> int | str:
        """One figure.

        Raises:
            KeyError: the reason has no such figure.
        """
        return dict(self.params)[name]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"code": self.code, **dict(self.params)}

    @staticmethod
    def from_json(content: dict[str, Any]) -> Reason:
        """The inverse of ``to_json``.

        Raises:
            KeyError, ValueError: the content is of another form.
        """
        return Reason.of(**content)
