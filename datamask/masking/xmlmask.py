"""Masking XML: what paths find in all documents is masked in one call, and put back into the parsed documents.

Documents are parsed one at a time by libxml2, without entities, external ones least of all, and without the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from lxml import etree

from datamask.masking.jsonmask import Unknown
from datamask.masking.model import JSONValue
from datamask.masking.stand_in import StandIn
from datamask.masking.structured import Leaves
from datamask.masking.transform import Binding

_DECLARATION = re.compile(
    r"""\s*<\?xml\s+version=(?:"1\.[01]"|'1\.[01]')(?:\s+encoding=(?:"[\w.-]{1,20}"|'[\w.-]{1,20}'))?"""
    r"""(?:\s+standalone=(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>\s*""",
    re.ASCII,
)
# What XML 1.0 cannot hold, not even escaped.
_IMPOSSIBLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_TEXT, _TAIL = 0, 1

Element: TypeAlias = Any
"""An element of lxml, which has no types."""
Place = tuple[Element, str | int]
"""An element's attribute by name, its text, or the text behind it."""


@dataclass(slots=True)
class _Parsed:
    """One document.

    :param declaration: the XML declaration, as it was.
    :param root: the root element, or the one that was put around content without one root.
    :param whole: the root is the document's own.
    """

    declaration: str
    root: Element
    whole: bool

    @property
    def roots(self) -> list[Element]:
        """The document's outermost elements."""
        return [self.root] if self.whole else list(self.root)

    def text(self) -> str:
        """The document, written."""
        if self.whole:
            return self.declaration + str(etree.tostring(self.root, encoding="unicode", with_tail=False))
        inside = self.root.text or ""
        written = etree.tostring(self.root, encoding="unicode", with_tail=False)
        return self.declaration + (written[3:-4] if len(self.root) or inside else "")


@dataclass(slots=True)
class _Rules:
    """What the paths found in one document: rules of elements and all that is inside, of attributes and of texts."""

    elements: dict[Element, int] = field(default_factory=dict)
    places: dict[Place, int] = field(default_factory=dict)


class XmlMask:
    """The masks of XPath expressions, bound.

    :param paths: rules in normal form by path.
    :param namespaces: namespaces by the prefix that the paths use.
    """

    def __init__(
        self,
        binding: Binding,
        paths: Mapping[str, JSONValue],
        namespaces: Mapping[str, str],
        unknown: Unknown,
    ) -> None:
        self._paths = [etree.XPath(path, namespaces=dict(namespaces)) for path in paths]
        self._namespaces = dict(namespaces)
        self._leaves = Leaves(binding, list(paths.values()), unknown)
        self._changes = [*self._leaves.changes(np.arange(len(paths), dtype=np.int32)), unknown != "keep"]
        self._unknown = unknown
        self._stand_in = StandIn(binding, "<x>", "</x>")
        self._parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            strip_cdata=False,
            remove_comments=unknown != "keep",
            remove_pis=unknown != "keep",
        )

    def __call__(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        """The documents, masked; as many as there were."""
        documents = [self._parse(value) for value in values]
        places: list[Place] = []
        rules: list[int] = []
        rows: list[int] = []
        for number, document in enumerate(documents):
            for place, rule in self._places(document) if document else ():
                places.append(place)
                rules.append(rule)
                rows.append(number)
        texts = pl.Series(values=[_get(place) for place in places], dtype=pl.String)
        masked = self._leaves.masked(
            texts, np.array(rules, dtype=np.int32), row, np.array(rows, dtype=np.intp)
        ).str.replace_all(_IMPOSSIBLE, "\ufffd")
        for place, text in zip(places, masked, strict=True):
            _set(place, text)
        # What nothing is changed in stays as it was written.
        changed = set(rows) if self._unknown == "keep" else set(range(len(documents)))
        results = pl.Series(
            values=[
                document and (document.text() if number in changed else value)
                for number, (document, value) in enumerate(zip(documents, values, strict=True))
            ],
            dtype=pl.String,
        )
        return self._stand_in.replace(results.fill_null(""), results.is_null(), values)

    def _parse(self, value: str) -> _Parsed | None:
        """The document; None where there is none, or one that declares entities."""
        match = _DECLARATION.match(value)
        declaration = match[0] if match else ""
        body = value[len(declaration) :]
        if "<!DOCTYPE" in body or "\0" in body:
            return None
        for whole, text in ((True, body), (False, f"<r>{body}</r>")):
            try:
                root = etree.fromstring(text, self._parser)
            except (etree.XMLSyntaxError, ValueError):
                continue
            return _Parsed(declaration, root, whole) if whole or len(root) else None
        return None

    def _find(self, document: _Parsed) -> _Rules:
        found = _Rules()
        for number, path in enumerate(self._paths):
            for node in self._nodes(path, document):
                if etree.iselement(node):
                    found.elements.setdefault(node, number)
                elif hasattr(node, "getparent"):
                    place = node.attrname if node.is_attribute else _TAIL if node.is_tail else _TEXT
                    found.places.setdefault((node.getparent(), place), number)
        return found

    def _nodes(self, path: etree.XPath, document: _Parsed) -> Iterator[Any]:
        if document.whole:
            yield from path(document.root)
            return
        for root in document.roots:
            yield from etree.ElementTree(root).xpath(path.path, namespaces=self._namespaces)

    def _places(self, document: _Parsed) -> Iterator[tuple[Place, int]]:
        """What is masked, and by which rule (-1 for none); what is left out goes at once."""
        found = self._find(document)
        if self._unknown == "drop":
            _remove(document, found)
        rule_of: dict[Element, int] = {None: -1}
        for element in document.root.iter():
            outer = rule_of.get(element.getparent(), -1)
            places: list[tuple[Place, int]] = [((element, _TAIL), outer)]
            if isinstance(element.tag, str):
                rule = rule_of[element] = found.elements.get(element, outer)
                places += [((element, name), rule) for name in element.attrib]
                places.append(((element, _TEXT), rule))
            for place, inherited in places:
                rule = found.places.get(place, inherited)
                if self._changes[rule] and _get(place).strip():
                    if rule < 0 and self._unknown == "drop":
                        _set(place, None)
                    else:
                        yield place, rule


def _remove(document: _Parsed, found: _Rules) -> None:
    """Remove the elements that no path names, and in which there is nothing that one names."""
    needed = {*found.elements, *(element for element, _ in found.places)}
    for element in [*needed]:
        needed.update(element.iterancestors())
    for element in list(document.root.iter()):
        parent = element.getparent()
        if element in needed or parent is None:
            continue
        if any(above in found.elements for above in element.iterancestors()):
            continue
        parent.remove(element)


def check_path(path: str, namespaces: Mapping[str, str]) -> str | None:
    """Why a text is no XPath expression that finds nodes; None where it is one."""
    try:
        found = etree.XPath(path, namespaces=dict(namespaces))(etree.Element("x"))
    except (etree.XPathError, ValueError, TypeError) as error:
        return str(error)
    return None if isinstance(found, list) else "it finds no elements, attributes or texts"


def _get(place: Place) -> str:
    element, which = place
    text = element.text if which == _TEXT else element.tail if which == _TAIL else element.attrib[which]
    return text or ""


def _set(place: Place, text: str | None) -> None:
    element, which = place
    if which == _TEXT:
        element.text = text
    elif which == _TAIL:
        element.tail = text
    elif text is None:
        del element.attrib[which]
    else:
        element.attrib[which] = text
