"""What all sections of config.yaml are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

SECRETIVE: Final = "secretive"
"""Type of the error of a value that may hold a password, so that it is not shown."""

MISFIT: Final = "misfit"
"""Type of the error of a value that does not fit its neighbours; its context names the key."""


def from_config_folder(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get("folder", Path())
    return path if path.is_absolute() else base / path


def misfit(key: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError(MISFIT, "{sentence}", {"sentence": sentence, "key": key})


FilePath = Annotated[Path, Field(strict=False), AfterValidator(from_config_folder)]
"""A path; a relative one starts at the folder of config.yaml."""


class Section(BaseModel):
    """Closed, immutable and strict (``yes`` is no number); every section is one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
