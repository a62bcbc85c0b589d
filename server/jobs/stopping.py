"""How jobs are stopped: before their next transaction, so that a server ends within seconds whatever is due."""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields

from server.services.context import ServerContext
from server.storage.unit_of_work import UnitOfWork


class Stopping(BaseException):
    """The server ends. No ``Exception``: whoever writes faults down must not take it for one."""


@dataclass(frozen=True, slots=True)
class StoppableContext(ServerContext):
    """A server's parts whose units of work cannot be entered any more once ``stop`` is set.

    Attributes:
        lasting: the same parts without that limit, for what must be written down in any case.
    """

    lasting: ServerContext
    stop: threading.Event

    def unit(self, *, read_only: bool = False) -> UnitOfWork:
        """A new unit of work.

        Raises:
            Stopping: the server ends.
        """
        if self.stop.is_set():
            raise Stopping
        return self.lasting.unit(read_only=read_only)


def until(context: ServerContext, stop: threading.Event) -> StoppableContext:
    """The same parts, that can be stopped."""
    parts = {field.name: getattr(context, field.name) for field in fields(ServerContext)}
    return StoppableContext(**parts, lasting=context, stop=stop)


def lasting(context: ServerContext) -> ServerContext:
    """The parts that are not stopped, for what was begun and must be brought to its end."""
    return context.lasting if isinstance(context, StoppableContext) else context


def is_stopped(context: ServerContext) -> bool:
    """Whether the server ends."""
    return isinstance(context, StoppableContext) and context.stop.is_set()
