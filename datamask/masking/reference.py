"""The reference page of all transforms, from the registry: ``python -m datamask.masking.reference``."""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask, JSONValue
from datamask.masking.registry import get, names
from datamask.masking.transform import Laws, Transform

_HEAD = """\
# Transforms

`python -m datamask.masking.reference > docs/reference/transforms.md` writes this page from the code. The examples are
made with a fixed key; yours gives other pseudonyms. NULL stays NULL and the empty string stays empty unless a transform
says otherwise. How they work, what they cost and what they do not hide: [masking](../design/masking.md).
"""

_EXAMPLE_KEY = MaskingKey(b"an example, not a secret: 32 bytes")

_TEXT = ColumnType("text", "text", "text")
# The type that a transform's example is made on, the first that it takes, and values of it.
_EXAMPLES = (
    (_TEXT, ("Maria Schneider", "maria.schneider@web.example", "+49 151 23456789", "4539 1488 0343 6467")),
    (ColumnType("integer", "integer", "int4"), ("42", "1200")),
    (ColumnType("date", "date", "date"), ("1984-02-29", "2024-12-31")),
    (ColumnType("uuid", "uuid", "uuid"), ("7f0c1f4e-3b1a-4c22-9d0e-5a6b7c8d9e0f",)),
    (ColumnType("inet", "inet", "inet"), ("203.0.113.9", "2001:db8::1")),
    (ColumnType("jsonb", "json", "jsonb"), ('{"name": "Maria", "age": 39}',)),
    (ColumnType("bytea", "bytea", "bytea"), ("\\x89504e47",)),
)
_FITTING = {
    "email": 1, "username": 0, "url": 1, "phone": 2, "card_number": 3, "ff1": 3, "hash": 1, "redact": 0,
}  # fmt: skip
_REQUIRED: dict[str, dict[str, JSONValue]] = {"fixed": {"value": "hidden"}}


def reference() -> str:
    """The whole page as Markdown."""
    return "\n".join([_HEAD, *(line for name in names() for line in _section(get(name)))]) + "\n"


def _section(transform: Transform) -> Iterator[str]:
    yield f"## {transform.name}\n"
    yield f"{_sentence(transform.summary)}\n"
    kinds = (
        "columns of any type" if transform.kinds is None else f"{', '.join(sorted(transform.kinds))} columns"
    )
    yield f"- takes {kinds}"
    params = transform.validate(_REQUIRED.get(transform.name, {}))
    column_type, values = _example(transform)
    yield f"- {_laws(transform.laws(params, column_type, unique=False))}"
    if transform.params:
        yield "\n| parameter | is | default | |\n| --- | --- | --- | --- |"
        for param in transform.params:
            default = "required" if param.required else _shown(param.default)
            yield f"| `{param.name}` | {param.description} | {default} | {param.summary} |"
    mask = ColumnMask("value", transform.name, column_type, "example", params)
    masked = Masker([mask], _EXAMPLE_KEY).mask(pl.DataFrame({"value": values}, schema={"value": pl.String}))
    yield f"\n| {column_type.name} | becomes |\n| --- | --- |"
    for before, after in zip(values, masked["value"], strict=True):
        yield f"| `{before}` | {'NULL' if after is None else f'`{after}`' if after else 'the empty text'} |"
    yield ""


def _example(transform: Transform) -> tuple[ColumnType, tuple[str, ...]]:
    for column_type, values in _EXAMPLES:
        if transform.accepts(column_type) is None:
            if column_type is _TEXT and transform.name in _FITTING:
                return column_type, (values[_FITTING[transform.name]],)
            return column_type, values[:1] if column_type is _TEXT else values
    raise PolicyError(f"there is no example for the transform {transform.name}")


def _laws(laws: Laws) -> str:
    said = []
    if laws.injective and laws.collision_bits:
        said.append(
            f"unique values stay unique (a keyed hash of {laws.collision_bits} bits tells them apart)"
        )
    elif laws.injective:
        said.append("unique values stay unique")
    else:
        said.append("different values may become equal")
    if laws.nulls != "kept":
        said.append("everything becomes NULL" if laws.nulls == "made" else "NULL is replaced too")
    said.append("the key holder can compute the original" if laws.reversible else "not reversible")
    if laws.max_length is not None:
        said.append(f"at most {laws.max_length} characters")
    return "; ".join(said)


def _shown(default: JSONValue) -> str:
    return "" if default is None else f"`{json.dumps(default)}`"


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else text + "."


if __name__ == "__main__":
    print(reference(), end="")
