"""A paper of each kind with something in every place: to try a template on before it is used."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

P = TypeVar("P")


def sample_of(kind: type[P]) -> P:
    """A paper, or a row of one, in which every text is its own name and every list has two items."""
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    return kind(**{one.name: _sample(hints[one.name], one.name) for one in fields(kind)})


def _sample(hint: Any, name: str) -> Any:
    if hint is bool:
        return True
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return (_sample(inner, name), _sample(inner, name))
    return sample_of(hint) if isinstance(hint, type) and is_dataclass(hint) else f"Sample: {name}"
