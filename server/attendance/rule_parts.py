"""What every part of a rule document is made of."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from models.language import N_, Said

_BLANK: Final = N_("a name is more than blanks")


def not_blank(text: str) -> str:
    """The text, where it is more than blanks."""
    if not text.strip():
        raise ValueError(Said(_BLANK))
    return text


Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(not_blank)]


class Part(BaseModel):
    """A part: closed, and nothing in it is taken for something else."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
