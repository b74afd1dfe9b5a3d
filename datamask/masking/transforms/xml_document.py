"""Masking inside of XML: xml."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.masking.params import Param
from datamask.masking.structured import UNKNOWN, check_rules, needed, rules, unknown
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Xml(Transform):
    """A transform for each path of a document; what no path names is blotted out unless ``unknown`` says otherwise.

    Paths are XPath 1.0. One that finds an element is about its text and all that is inside of it, attributes
    included; others find attributes (``//person/@id``) or texts. Of several that find the same, the one that finds
    the innermost counts, then the first. Names of elements and attributes stay; comments and processing instructions go
    unless ``unknown`` is ``keep``; white space between elements stays. A document with a DOCTYPE, and what is no
    XML with an element in it, becomes a token of its keyed hash.
    """

    name = "xml"
    summary = "transforms inside of XML, by XPath"
    params = (
        Param("paths", "rules", None, "rules by path: `//email`, `/order/customer/@name`, `//c:phone`"),
        UNKNOWN,
        Param("namespaces", "mapping", None, "namespaces by the prefix that the paths use"),
    )
    kinds = frozenset(("xml", "text"))
    cost = 20_000

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses what is no path."""
        checked = super().validate(params)
        for prefix, namespace in rules(checked, "namespaces").items():
            if not prefix or not isinstance(namespace, str) or not namespace:
                raise PolicyError("xml: namespaces must be texts by prefix")
        if rules(checked, "paths"):
            _check_paths(checked)
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns that the rules need."""
        return needed(params, ("paths",))

    def column_laws(self, case: Case) -> Laws:
        """Different documents may become equal."""
        check_rules(self.name, case.params, ("paths",))
        return Laws(max_length=case.type.max_length, copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        from datamask.masking.xmlmask import XmlMask

        params = binding.params
        return XmlMask(binding, rules(params, "paths"), _namespaces(params), unknown(params))


def _check_paths(params: Mapping[str, JSONValue]) -> None:
    # libxml2 is loaded where there is XML to mask, not wherever transforms are listed.
    from datamask.masking.xmlmask import check_path

    for path in rules(params, "paths"):
        problem = check_path(path, _namespaces(params))
        if problem:
            raise PolicyError(
                f"xml: {path!r} is not a path: {problem}",
                hint="write //email, /order/customer/@name, or //c:phone with c under namespaces",
            )


def _namespaces(params: Mapping[str, JSONValue]) -> dict[str, str]:
    return {prefix: str(namespace) for prefix, namespace in rules(params, "namespaces").items()}
