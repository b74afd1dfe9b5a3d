"""Columns whose payload is classified path by path: the policy's rules for the classes, put together as one mask."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from datamask.classify.classes import CLASSES, lineage
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.beside import beside
from datamask.masking.leaves import check_leaf
from datamask.masking.model import JSONValue
from datamask.policy.codes import Findings
from datamask.policy.layout import ColumnRef
from datamask.policy.model import AUTO, KEEP, Choice, Policy, Rule

_TRANSFORM = "json"
_HIDING = "redact"


@dataclass(frozen=True, slots=True)
class DocumentRules:
    """What a column gets whose paths are classified.

    :param rules: the mask of the paths first, then what the policy has for documents, for types that are no JSON.
    :param reason: which path is treated how.
    """

    rules: tuple[Rule, ...]
    reason: str


def document_rules(
    policy: Policy,
    paths: tuple[tuple[str, str], ...],
    ref: ColumnRef,
    columns: Container[str],
    findings: Findings,
) -> DocumentRules:
    """The rules of a column of JSON from the classes of its paths.

    Values get the transform and the domain that columns of their class have, and so the same pseudonyms. Of a list of
    rules the first one is taken that can be used on a value inside of a document, with its exceptions and likenesses;
    ``when`` is about rows of the class's columns, and what is under a condition there is masked here. ``auto`` blots out.

    :param paths: classes by JSON path.
    :param columns: the names of all columns of the table, which rules may need.
    """
    inside: dict[str, JSONValue] = {}
    for path, data_class in paths:
        rule = _rule_inside(policy, path, data_class, ref, columns, findings)
        if rule is not None:
            inside[path] = {
                "transform": rule.transform,
                "params": dict(rule.params),
                "domain": None if rule.transform == KEEP else _domain(rule, data_class, ref),
                **beside(rule.exceptions, rule.preserve),
            }
    others = _choice(policy, "document")
    fallback = others.rules if others else ()
    unknown = policy.documents
    try:
        given: dict[str, JSONValue] = {"unknown": unknown}
        params = registry.get(_TRANSFORM).validate({**given, "paths": inside} if inside else given)
    except PolicyError as error:
        findings.add(
            "DM110",
            *ref,
            f"the paths of {ref[0]}.{ref[1]} cannot be masked: {error.message}",
            error.hint or "change them",
        )
        return DocumentRules(fallback, "class document")
    rules = (Rule(_TRANSFORM, params), *fallback)
    if unknown == KEEP:
        _say_kept(ref, bool(inside), findings)
        if all(rule["transform"] == KEEP for rule in inside.values() if isinstance(rule, dict)):
            rules = (Rule(KEEP),)
    told = [f"{path}: {data_class} ({_name(inside.get(path))})" for path, data_class in paths]
    return DocumentRules(rules, f"class document by path ({'; '.join([*told, f'all else: {unknown}'])})")


def _rule_inside(
    policy: Policy, path: str, data_class: str, ref: ColumnRef, columns: Container[str], findings: Findings
) -> Rule | None:
    """The rule for the values of one path; None where there is an error."""
    choice = _choice(policy, data_class)
    if choice is None:
        if not CLASSES[data_class].personal:
            return Rule(KEEP)
        findings.add(
            "DM105",
            *ref,
            f"{path} in {ref[0]}.{ref[1]} is {data_class}, for which the policy {policy.name} has no rule",
            f"add a rule for {data_class} under classes, or extend a pack: `extends: default`",
        )
        return None
    reasons = []
    for rule in choice.rules:
        refused = _refused(rule, columns)
        if refused is None:
            return Rule(_HIDING, registry.get(_HIDING).validate({})) if rule.transform == AUTO else rule
        reasons.append(f"{rule.transform}: {refused}")
    findings.add(
        "DM110",
        *ref,
        f"{path} in {ref[0]}.{ref[1]} is {data_class}, whose rule cannot be used inside of a document "
        f"({'; '.join(reasons)})",
        f"add one that takes text to the list of {data_class}, such as {_HIDING}",
    )
    return None


def _refused(rule: Rule, columns: Container[str]) -> str | None:
    """Why a rule cannot be used inside of a document; None where it can."""
    if rule.transform in {KEEP, AUTO}:
        return None
    transform = registry.get(rule.transform)
    if transform.source_side:
        return "the source's server masks whole columns only"
    # What names another table's column is found along foreign keys later on.
    missing = [name for name in transform.needs(rule.params) if name not in columns and "." not in name]
    if missing:
        return f"it needs the column {missing[0]}, which the table does not have"
    try:
        inside: dict[str, JSONValue] = {
            "transform": rule.transform,
            "params": dict(rule.params),
            "domain": None,
        }
        check_leaf({**inside, **beside(rule.exceptions, rule.preserve)})
    except PolicyError as error:
        return error.message
    return None


def _choice(policy: Policy, data_class: str) -> Choice | None:
    return next(_choices(policy, data_class), None)


def _choices(policy: Policy, data_class: str) -> Iterator[Choice]:
    for name in lineage(data_class):
        if name in policy.classes:
            yield policy.classes[name]


def _domain(rule: Rule, data_class: str, ref: ColumnRef) -> str:
    """The domain that a column of the class has with the rule."""
    shared = rule.domain or registry.get(rule.transform).shared_domain
    if shared:
        return shared
    return data_class if CLASSES[data_class].personal else f"{ref[0]}.{ref[1]}"


def _name(rule: JSONValue) -> str:
    return str(rule["transform"]) if isinstance(rule, dict) else "no rule"


def _say_kept(ref: ColumnRef, masked: bool, findings: Findings) -> None:
    findings.add(
        "DM168",
        *ref,
        f"{ref[0]}.{ref[1]} keeps every value that no path names"
        + ("" if masked else ", and no path is masked"),
        "say `documents: {unknown: redact}` in the policy, or classify all paths",
    )
