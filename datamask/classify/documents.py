"""What JSON documents hold, path by path: from their keys and from the values under them.

Only keys that come again are named: a key that stands in one document may itself be somebody's data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from datamask.catalog.model import TypeKind
from datamask.classify.by_name import Guess, guess_by_name, table_name
from datamask.classify.by_type import holds
from datamask.classify.by_value import guess_by_values, is_label
from datamask.classify.classes import CLASSES
from datamask.classify.formats import is_email, year_of
from datamask.classify.person_names import has_person_names, person_name_class
from datamask.classify.vocabulary import vocabulary
from datamask.classify.words import is_one_of, words_of

_FEWEST_DOCUMENTS: Final = 2
_MOST_DOCUMENTS: Final = 100
_MOST_PATHS: Final = 100
_DEEPEST: Final = 12
# So many different keys, each in few of the objects, are data: a map by id, by name, by day.
_MAP_KEYS: Final = 25
_MAP_SHARE: Final = 0.2

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_ODD_KEY = re.compile(r"[^\W\d][\w .:@/-]{0,59}")

_Plain = str | int | float | bool | None | list["_Plain"] | dict[str, "_Plain"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the documents something stands: its path, its own key and the key around it."""

    path: str
    key: str
    around: str
    depth: int


def are_documents(values: Sequence[str | None]) -> bool:
    """True where a text column's values are JSON objects or arrays."""
    present = [value for value in values if value]
    return (
        len(present) >= _FEWEST_DOCUMENTS
        and all(value.lstrip()[:1] in {"{", "["} for value in present)
        and len(_parse(present[:_MOST_DOCUMENTS])) >= 0.9 * min(len(present), _MOST_DOCUMENTS)
    )


def describe_documents(values: Sequence[str | None], column: str, table: str) -> tuple[tuple[str, str], ...]:
    """Classes by JSON path, the personal ones and those that are surely public; what is not understood is left out.

    :param values: sampled documents as text; what does not parse, cut-off documents among them, is passed over.
    """
    present = [value for value in values if value]
    documents = _parse(present[:: -(-len(present) // _MOST_DOCUMENTS) or 1])
    if len(documents) < _FEWEST_DOCUMENTS:
        return ()
    place = _Place("$", column, table, 0)
    found = dict(_describe(documents, place))
    first = sorted(found.items(), key=lambda item: not CLASSES[item[1]].personal)[:_MOST_PATHS]
    return tuple(sorted(first))


def _parse(values: Sequence[str]) -> list[_Plain]:
    documents: list[_Plain] = []
    for value in values:
        try:
            document = json.loads(value)
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict | list):
            documents.append(document)
    return documents


def _describe(nodes: Sequence[_Plain], place: _Place) -> Iterator[tuple[str, str]]:
    """Classes of everything below nodes that stand at the same place of their documents."""
    if place.depth > _DEEPEST:
        return
    objects = [node for node in nodes if isinstance(node, dict)]
    if objects:
        yield from _describe_objects(objects, place)
    elements = [element for node in nodes if isinstance(node, list) for element in node]
    if elements:
        yield from _describe(elements, _Place(f"{place.path}[*]", place.key, place.around, place.depth + 1))
    scalars = [node for node in nodes if isinstance(node, str | int | float)]
    if scalars and place.depth:
        data_class = _class_of(scalars, place)
        if data_class:
            yield place.path, data_class


def _describe_objects(objects: Sequence[dict[str, _Plain]], place: _Place) -> Iterator[tuple[str, str]]:
    below: dict[str, list[_Plain]] = {}
    for node in objects:
        for key, child in node.items():
            below.setdefault(key, []).append(child)
    rare = {key for key, children in below.items() if len(children) < _MAP_SHARE * len(objects)}
    many = len(rare) > _MAP_KEYS
    if (many and len(rare) == len(below)) or person_name_class(list(below)):
        # What stands under any of the keys is described together, the keys are not named.
        every = [child for children in below.values() for child in children]
        yield from _describe(every, _Place(f"{place.path}.*", place.key, place.around, place.depth + 1))
        return
    if many:
        below = {key: children for key, children in below.items() if key not in rare}
    for key, children in below.items():
        step = _step(key)
        if len(children) >= _FEWEST_DOCUMENTS and step:
            yield from _describe(children, _Place(place.path + step, key, place.key, place.depth + 1))


def _step(key: str) -> str | None:
    """A key in a path, or None for one that had better not be named."""
    if _PLAIN_KEY.fullmatch(key):
        return f".{key}"
    if _ODD_KEY.fullmatch(key) and not is_email(key) and not has_person_names([key]):
        return f"['{key}']"
    return None


def _class_of(scalars: Sequence[str | int | float], place: _Place) -> str | None:
    texts = [value for value in scalars if isinstance(value, str)]
    kind: TypeKind = "text" if texts else "boolean" if isinstance(scalars[0], bool) else "numeric"
    named = _named(place, kind)
    seen = guess_by_values(texts)
    if seen and CLASSES[seen.data_class].personal and (named is None or seen.confidence > 0.8):
        return seen.data_class
    if named:
        return named.data_class
    if seen:
        return seen.data_class
    words = words_of(place.key)
    if words and is_one_of(words[-1], vocabulary().key_heads):
        return "key"
    if kind != "text" or all(year_of(text) for text in texts):
        return "public"
    if is_label(texts) or (words and is_one_of(words[-1], vocabulary().public_heads)):
        return "public"
    return None


def _named(place: _Place, kind: TypeKind) -> Guess | None:
    # {"customer": {"name": …}}: the key around is to a key what a table is to its columns.
    for around in dict.fromkeys((place.around, place.key)):
        if around == place.key and not table_name(around).person:
            continue
        guess = guess_by_name(place.key, words_of(place.key), around)
        if guess and holds(kind, guess.data_class):
            return guess
    return None
