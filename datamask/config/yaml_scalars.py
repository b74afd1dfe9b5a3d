"""How plain YAML scalars are read: the core schema of YAML 1.2, without surprises.

PyYAML follows YAML 1.1, where ``no`` is False, ``010`` is 8, ``1:30`` is 90 and ``2024-01-31`` a
date. Here only ``true``/``false`` are booleans, only decimal and ``0x``/``0o`` digits are integers,
and everything else (country codes, times, dates, versions) stays the text that was written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    # The two classes have the same interface; the C one is 10 times as fast where it was built.
    from yaml import SafeLoader as _BaseLoader
else:
    _BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

BOOLEAN = "tag:yaml.org,2002:bool"
INTEGER = "tag:yaml.org,2002:int"
FLOAT = "tag:yaml.org,2002:float"
NULL = "tag:yaml.org,2002:null"
TEXT = "tag:yaml.org,2002:str"

Scalar = str | int | float | bool | None


class CoreLoader(_BaseLoader):
    """A loader for ``get_single_node`` that tags plain scalars by the core schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML copies it for each class


CoreLoader.add_implicit_resolver(BOOLEAN, re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
CoreLoader.add_implicit_resolver(
    INTEGER, re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), list("-+0123456789")
)
CoreLoader.add_implicit_resolver(
    FLOAT, re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"), list("-+.0123456789")
)
CoreLoader.add_implicit_resolver(NULL, re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])


def scalar(tag: str, text: str) -> Scalar:
    """The value of a scalar node.

    :raises ValueError: for a tag outside the core schema, or text that the tag cannot hold.
    """
    if tag == TEXT:
        return text
    if tag == NULL:
        return None
    if tag == BOOLEAN:
        if text.lower() not in {"true", "false"}:
            raise ValueError("a boolean is true or false")
        return text.lower() == "true"
    if tag in {INTEGER, FLOAT}:
        try:
            return float(text) if tag == FLOAT else int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        except ValueError:
            raise ValueError("it is not a number") from None
    raise ValueError(f"the tag {tag!r} is not supported")
