"""Masking inside of query strings and other lists of key and value: pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.model import JSONValue
from datamask.masking.nested import TEXT, bind_rule, rule_needs
from datamask.masking.pairmask import PairMask, over_queries
from datamask.masking.params import Param, flag, text
from datamask.masking.stand_in import StandIn, fitting
from datamask.masking.structured import UNKNOWN, check_rules, needed, rules, unknown
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Pairs(Transform):
    """A transform for each key of ``key=value`` texts; what no rule names is blotted out, or as ``unknown`` says.

    White space around keys and values stays. The first ``assign`` of a pair ends its key. With ``url``, the value is a
    web address and the pairs are those of its query; what stands in front of the ``?`` follows ``base``, and
    what stands behind a ``#`` goes. Keys without a rule are words of ASCII letters, digits and ``_$.:[]-``: what else
    stands in front of ``assign`` is blotted out with its value. A text without any key becomes a token of its keyed hash.
    """

    name = "pairs"
    summary = "transforms inside of query strings and other lists of key and value, by key"
    params = (
        Param("keys", "rules", None, "rules by key"),
        UNKNOWN,
        Param("separator", "text", "&", "the character between pairs; a line break for one pair a line"),
        Param("assign", "text", "=", "the character between key and value"),
        Param(
            "url_encoded", "boolean", False, "keys and values are written with + and %20, as in web addresses"
        ),
        Param("url", "boolean", False, "the value is a web address"),
        Param(
            "base",
            "rule",
            None,
            "with `url`: the rule for what stands in front of the query; `url` if left out",
        ),
    )
    kinds = frozenset(("text",))
    cost = 1500

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses separators that cannot be told apart."""
        checked = super().validate(params)
        marks = text(checked, "separator"), text(checked, "assign")
        for name, mark in zip(("separator", "assign"), marks, strict=True):
            if len(mark) != 1 or not mark.isascii() or mark == "\0":
                raise PolicyError(f"pairs: {name} must be one ASCII character")
        if marks[0] == marks[1]:
            raise PolicyError("pairs: separator and assign must differ")
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns that the rules need."""
        base = rule_needs(params["base"]) if params["base"] is not None else ()
        return tuple(dict.fromkeys([*needed(params, ("keys",)), *base]))

    def column_laws(self, case: Case) -> Laws:
        """Different values may become equal."""
        check_rules(self.name, case.params, ("keys",))
        if case.params["base"] is not None and not flag(case.params, "url"):
            raise PolicyError("pairs: base is about web addresses", hint="add url: true, or remove it")
        return Laws(max_length=case.type.max_length, copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        params = binding.params
        is_url = flag(params, "url")
        # The column's width is that of the whole address, not of the query in it.
        unbounded = replace(binding, mask=replace(binding.mask, type=TEXT))
        mask = PairMask(
            unbounded if is_url else binding,
            rules(params, "keys"),
            unknown(params),
            separator=text(params, "separator"),
            assign=text(params, "assign"),
            url_encoded=is_url or flag(params, "url_encoded"),
        )
        if not is_url:
            return mask
        base = params["base"]
        if base is None and unknown(params) != "keep":
            base = {"transform": "url", "params": registry.get("url").validate({}), "domain": None}
        function = over_queries(mask, None if base is None else bind_rule(base, unbounded))
        return fitting(function, StandIn(binding))
