"""Operating points: each one computed is kept, the last one is in force."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from server.storage.inserting import insert_if_new
from server.storage.records import OperatingPointRecord
from server.storage.tables import operating_point


class OperatingPointRepository:
    """Computed operating points, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self) -> OperatingPointRecord | None:
        """The one with the highest version, of whatever model."""
        row = self._connection.execute(
            select(operating_point).order_by(operating_point.c.version.desc()).limit(1)
        ).one_or_none()
        if row is None:
            return None
        return OperatingPointRecord(
            row.version, row.computed_at, row.gallery_version, row.model_id, row.inputs_digest, row.content
        )

    def add(self, record: OperatingPointRecord) -> bool:
        """Keep one; False when another process took its number first."""
        return insert_if_new(
            self._connection,
            operating_point,
            {
                "version": record.version,
                "computed_at": record.computed_at,
                "gallery_version": record.gallery_version,
                "model_id": record.model_id,
                "inputs_digest": record.inputs_digest,
                "content": record.content,
            },
        )

    def replace_content(self, version: int, content: dict[str, Any]) -> None:
        """Keep less of one that is no longer in force."""
        self._connection.execute(
            update(operating_point).where(operating_point.c.version == version).values(content=content)
        )
