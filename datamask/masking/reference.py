"""The reference page of all transforms, from the registry: ``python -m datamask.masking.reference``."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator

import polars as pl

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask, JSONValue
from datamask.masking.registry import get, names
from datamask.masking.speed import speed_in_words
from datamask.masking.transform import Laws, Transform

_HEAD = """\
# Transforms

`python -m datamask.masking.reference > docs/reference/transforms.md` writes this page from the code. The examples are
made with a fixed key; yours gives other pseudonyms. NULL stays NULL and the empty string stays empty unless a transform
says otherwise. The speed is that of a core on distinct values; what repeats is masked once, at 25 to 40 million a
second. How they work, what they cost and what they do not hide: [masking](../design/masking.md).
"""

_EXAMPLE_KEY = MaskingKey(b"an example, not a secret: 32 bytes")

_TEXT = ColumnType("text", "text", "text")
# The type that a transform's example is made on, the first that it takes, and values of it.
_EXAMPLES = (
    (
        _TEXT,
        (
            "Maria Schneider",
            "maria.schneider@web.example",
            "+49 151 23456789",
            "4539 1488 0343 6467",
            "Mrs",
            "German",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X)",
            "94107-1234",
        ),
    ),
    (ColumnType("integer", "integer", "int4"), ("42", "1200")),
    (ColumnType("date", "date", "date"), ("1984-02-29", "2024-12-31")),
    (ColumnType("uuid", "uuid", "uuid"), ("7f0c1f4e-3b1a-4c22-9d0e-5a6b7c8d9e0f",)),
    (ColumnType("inet", "inet", "inet"), ("203.0.113.9", "2001:db8::1")),
    (ColumnType("jsonb", "json", "jsonb"), ('{"name": "Maria", "age": 39}',)),
    (ColumnType("bytea", "bytea", "bytea"), ("\\x89504e47",)),
)
_FITTING = {
    "email": 1, "username": 0, "url": 1, "phone": 2, "card_number": 3, "ff1": 3, "hash": 1, "redact": 0,
    "zip3": 7, "title": 4, "gender": 4, "nationality": 5, "user_agent": 6,
}  # fmt: skip
_REQUIRED: dict[str, dict[str, JSONValue]] = {
    "fixed": {"value": "hidden"},
    "json": {"paths": {"$.contact.email": "email", "$.theme": "keep"}},
    "base64_json": {"paths": {"$.email": "email"}},
    "hstore": {"keys": {"email": "email", "size": "keep"}},
    "composite": {"order": ["street", "city", "notes"], "fields": {"street": "street"}},
    "xml": {"paths": {"//email": "email", "/person/@id": "key"}},
    "pairs": {"keys": {"email": "email", "page": "keep"}},
    "gender": {"by": "value"},
    "place": {"part": "city", "by": "value"},
    "template": {"format": "user-{$token}@example.com"},
    "choice": {"values": {"gold": 1, "silver": 3, "bronze": 9}},
    "lookup": {"values": {"A1": "B7"}, "else": "token"},
    "generalize": {"groups": {"Germany": ["Berlin", "Bonn"], "France": ["Paris"]}},
    "round": {"to": 0.05},
    "bucket": {"edges": [0, 18, 65]},
    "clip": {"max": 250_000},
    "percentile": {"quantiles": [0, 100, 1000, 5000]},
    "location": {"grid_km": 10},
    "national_id": {"type": "eu_vat"},
}

_NUMERIC = ColumnType("numeric(10,2)", "numeric", "numeric", precision=10, scale=2)
_BYTEA = ColumnType("bytea", "bytea", "bytea")
# A GIF of one pixel with a comment in it.
_COMMENTED = (
    "\\x47494638376101000100810000ffffff00000000000000000021fe054d61726961002c0000000001000100000804000104040"
    "03b"
)
# Examples on types and values of their own.
_OWN: dict[str, tuple[ColumnType, tuple[str, ...]]] = {
    "free_text": (_TEXT, ("Dear Mrs Schneider, is 0151 23456789 or m.schneider@web.example right?",)),
    "json": (
        ColumnType("jsonb", "json", "jsonb"),
        ('{"contact": {"email": "m@web.example", "age": 39}, "theme": "dark"}',),
    ),
    "base64_json": (_TEXT, ("eyJlbWFpbCI6ICJtQHdlYi5leGFtcGxlIn0=",)),
    "hstore": (
        ColumnType("hstore", "other", "hstore"),
        ('"email"=>"m@web.example", "size"=>"XL", "note"=>NULL',),
    ),
    "composite": (ColumnType("address", "composite", "address"), ('("Hauptstr. 5",Berlin,)',)),
    "xml": (ColumnType("xml", "xml", "xml"), ('<person id="7"><email>m@web.example</email></person>',)),
    "pairs": (_TEXT, ("email=m@web.example&page=2&q=maria",)),
    "generalize": (_TEXT, ("Berlin", "Paris", "Atlantis")),
    "lookup": (_TEXT, ("A1", "A2")),
    "choice": (_TEXT, ("platinum", "silver")),
    "shift_time": (ColumnType("time without time zone", "time", "time"), ("08:15:00", "23:59:30.5")),
    "number_noise": (_NUMERIC, ("42.00", "1299.95")),
    "round": (_NUMERIC, ("42.03", "1299.95")),
    "bucket": (ColumnType("integer", "integer", "int4"), ("17", "42", "70")),
    "clip": (_NUMERIC, ("42.00", "731000.00")),
    "percentile": (_NUMERIC, ("42.00", "1299.95")),
    "location": (_TEXT, ("52.5200, 13.4050", "52.5163, 13.3777")),
    "placeholder": (_BYTEA, ("\\x504b03041400000000000b4f5f58", "\\xdeadbeef")),
    "strip_metadata": (_BYTEA, (_COMMENTED,)),
    "national_id": (_TEXT, ("DE136695976", "IT 00743110157", "ESB58378431")),
    "iban": (_TEXT, ("DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819")),
    "card_number": (_TEXT, ("4539 1488 0343 6467", "378282246310005")),
    "ff1": (_TEXT, ("INV-2024-00117", "4711")),
    "postal_code": (_TEXT, ("10115", "SW1A 1AA")),
    "plate": (_TEXT, ("B-MW 1234", "AB12 CDE")),
    "vin": (_TEXT, ("1M8GDM9AXKP042788",)),
    "ip": (ColumnType("inet", "inet", "inet"), ("203.0.113.9", "192.168.7.20/24", "2001:db8::1")),
    "mac": (_TEXT, ("08:00:2b:01:02:03",)),
    "hostname": (_TEXT, ("db1.prod.example.com", "db2.prod.example.com")),
    "prefixed_id": (_TEXT, ("cus_NffrFeUfNV2Hib", "sub_1MowQVLkdIwHu7ixeRlqHVzs")),
    "ulid": (_TEXT, ("01ARZ3NDEKTSV4RRFFQ69G5FAV",)),
    "object_id": (_TEXT, ("507f1f77bcf86cd799439011",)),
    "ksuid": (_TEXT, ("0ujtsYcgvSTl8PAuAdqWYSMnLOv",)),
    "nanoid": (_TEXT, ("V1StGXR8_Z5jdHi6B-myT",)),
}


_NULLS = {
    "made": "everything becomes NULL",
    "filled": "NULL is replaced too",
    "mixed": "values may become NULL",
}
# Those whose laws and results are whoever's uses them: laws, and an example in words.
_TOLD = {
    "python": (
        "its laws are those that the function declares: [own transforms](../howto/own-transform.md)",
        "| text | becomes |\n| --- | --- |\n| `4711-0815` | `LY-k3mfq2zt`, by a function that returns "
        '`"LY-" + context.token(values, 8)` |',
    ),
    "sql": (
        "its laws are those that the rule declares: [own transforms](../howto/own-transform.md)",
        "| text | becomes |\n| --- | --- |\n| `10115` | `10`, by the expression `left(postal_code, 2)` |",
    ),
}


def reference() -> str:
    """The whole page as Markdown."""
    return "\n".join([_HEAD, *(line for name in names() for line in _section(get(name)))]) + "\n"


def _section(transform: Transform) -> Iterator[str]:
    yield f"## {transform.name}\n"
    yield f"{_explained(transform)}\n"
    kinds = (
        "columns of any type" if transform.kinds is None else f"{', '.join(sorted(transform.kinds))} columns"
    )
    yield f"- takes {kinds}"
    told = _TOLD.get(transform.name)
    yield f"- {told[0] if told else laws_in_words(_on_example(transform))}"
    yield f"- speed: {speed_in_words(transform)}"
    if transform.params:
        yield "\n| parameter | is | default | |\n| --- | --- | --- | --- |"
        for param in transform.params:
            default = "required" if param.required else _shown(param.default)
            cells = (f"`{param.name}`", param.description, default, param.summary)
            yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
    if told:
        yield f"\n{told[1]}\n"
        return
    params = example_params(transform)
    column_type, values = example_of(transform)
    mask = ColumnMask("value", transform.name, column_type, "example", params)
    masked = Masker([mask], _EXAMPLE_KEY).mask(pl.DataFrame({"value": values}, schema={"value": pl.String}))
    written = _REQUIRED.get(transform.name)
    if written:
        yield f"\nWith `{json.dumps({transform.name: written}, ensure_ascii=False)}`:"
    yield f"\n| {column_type.name} | becomes |\n| --- | --- |"
    for before, after in zip(values, masked["value"], strict=True):
        yield f"| `{before}` | {'NULL' if after is None else f'`{after}`' if after else 'the empty text'} |"
    yield ""


def example_params(transform: Transform) -> dict[str, JSONValue]:
    """Parameters to show a transform with, in their normal form.

    :raises PolicyError: only whoever uses it knows any.
    """
    return transform.validate(_REQUIRED.get(transform.name, {}))


def _on_example(transform: Transform) -> Laws:
    return transform.laws(example_params(transform), example_of(transform)[0], unique=False)


def example_of(transform: Transform) -> tuple[ColumnType, tuple[str, ...]]:
    """The type to show a transform on, and values of it."""
    if transform.name in _OWN:
        return _OWN[transform.name]
    for column_type, values in _EXAMPLES:
        if transform.accepts(column_type) is None:
            if column_type is _TEXT and transform.name in _FITTING:
                return column_type, (values[_FITTING[transform.name]],)
            return column_type, values[:1] if column_type is _TEXT else values
    raise PolicyError(f"there is no example for the transform {transform.name}")


def laws_in_words(laws: Laws) -> str:
    """A transform's laws as a line."""
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
        said.append(_NULLS[laws.nulls])
    said.append("the key holder can compute the original" if laws.reversible else "not reversible")
    if laws.max_length is not None:
        said.append(f"at most {laws.max_length} characters")
    return "; ".join(said)


def _shown(default: JSONValue) -> str:
    return "" if default is None else f"`{json.dumps(default)}`"


def _explained(transform: Transform) -> str:
    """What the transform does, in the words that stand at its class."""
    return inspect.cleandoc(type(transform).__doc__ or _sentence(transform.summary)).replace("``", "`")


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else text + "."


if __name__ == "__main__":
    print(reference(), end="")
