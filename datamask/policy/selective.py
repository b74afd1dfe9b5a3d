"""Rules that leave some values as they are, and what has to be said about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from datamask.classify.classes import CLASSES
from datamask.masking.beside import exceptions_of
from datamask.masking.model import ColumnMask, JSONValue
from datamask.policy.codes import Findings
from datamask.policy.decide import Decision
from datamask.policy.layout import ColumnRef
from datamask.policy.model import Rule


def say_selective(
    rule: Rule, refs: Sequence[ColumnRef], decisions: Mapping[ColumnRef, Decision], findings: Findings
) -> None:
    """Say of columns which of their values a rule leaves: a risk where they tell something about a person."""
    for ref in refs:
        where = f"{ref[0]}.{ref[1]}"
        data_class = decisions[ref].data_class
        # What nobody classified may be anything.
        personal = data_class is None or CLASSES[data_class].personal
        if rule.when is not None:
            findings.add(
                "DM164",
                *ref,
                f"{where} is masked by {rule.transform} only when {rule.when}: all other rows keep their value"
                + (f", which is {data_class}" if data_class else ""),
                "make sure that nothing of anybody is in the other rows, or mask all of them",
                severity=None if personal else "info",
            )
        if rule.exceptions:
            findings.add(
                "DM165",
                *ref,
                f"{where} keeps the values that match {_listed(rule.exceptions)}",
                "nothing to do where these are nobody's personal data, such as test accounts",
            )


def say_exceptions_inside(masks: Mapping[ColumnRef, ColumnMask], findings: Findings) -> None:
    """Say of columns which values inside of their documents and texts stay by the exceptions of rules there."""
    for ref, mask in masks.items():
        patterns = tuple(dict.fromkeys(_exceptions_inside(dict(mask.params))))
        if patterns:
            findings.add(
                "DM165",
                *ref,
                f"{ref[0]}.{ref[1]} keeps what is inside of its values and matches {_listed(patterns)}",
                "nothing to do where these are nobody's personal data, such as test accounts",
            )


def _exceptions_inside(value: JSONValue) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _exceptions_inside(one)
    elif isinstance(value, dict):
        if {"transform", "params", "domain"} <= value.keys():
            yield from exceptions_of(value)
        for one in value.values():
            yield from _exceptions_inside(one)


def _listed(patterns: Sequence[str]) -> str:
    shown = ", ".join(repr(pattern) for pattern in patterns[:3])
    return shown if len(patterns) <= 3 else f"{shown} and {len(patterns) - 3} more patterns"
