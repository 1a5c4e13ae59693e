"""Finds the adapters: modules of this package with a `SOURCE`, and installed entry points.

A package outside of this tree adds a marketplace with an entry point in the
group ``monitor.sources`` that names its class.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from importlib.metadata import entry_points

import monitor.sources
from monitor.errors import SourceError
from monitor.sources.definition import SourceDefinition
from monitor.sources.protocol import Source

__all__ = ["ENTRY_POINTS", "build", "discover", "kinds"]

ENTRY_POINTS = "monitor.sources"


@lru_cache(maxsize=1)
def discover() -> dict[str, type[Source]]:
    """Adapters by kind. Looked for once in a process.

    Raises:
        SourceError: two adapters have one kind, or an installed one cannot be loaded.
    """
    found: dict[str, type[Source]] = {}
    for module in pkgutil.iter_modules(monitor.sources.__path__, "monitor.sources."):
        adapter = getattr(importlib.import_module(module.name), "SOURCE", None)
        if adapter is not None:
            _add(found, adapter, module.name)
    for point in entry_points(group=ENTRY_POINTS):
        try:
            adapter = point.load()
        except (ImportError, AttributeError) as error:
            raise SourceError(f"entry point {point.value}: {error}") from error
        _add(found, adapter, point.value)
    return found


def kinds() -> tuple[str, ...]:
    """Known kinds in alphabetical order."""
    return tuple(sorted(discover()))


def build(definition: SourceDefinition) -> Source:
    """The adapter of a definition.

    Raises:
        SourceError: nobody knows the kind (the known ones are named), or an option
            is wrong.
    """
    adapter = discover().get(definition.kind)
    if adapter is None:
        known = ", ".join(kinds())
        raise SourceError(
            f"source {definition.name}: kind: unknown kind {definition.kind!r}; known: {known}"
        )
    return adapter.from_definition(definition)


def _add(found: dict[str, type[Source]], adapter: type[Source], origin: str) -> None:
    kind = getattr(adapter, "kind", None)
    if not isinstance(kind, str) or not hasattr(adapter, "from_definition"):
        raise SourceError(f"{origin}: SOURCE is no source adapter")
    if kind in found:
        raise SourceError(f"{origin}: kind {kind!r} is taken by {found[kind].__module__}")
    found[kind] = adapter
