"""The rules of a policy file: ``email``, ``{email: {domain: example.com}}``, lists of them.

Beside the transform's name may stand what every rule can have: ``domain``, ``when``, ``except`` and ``preserve``.
"""

from __future__ import annotations

import re
from typing import cast, get_args

from datamask.config.document import Node
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.condition import check_condition
from datamask.masking.exception_patterns import check_exception
from datamask.masking.model import Preserved
from datamask.masking.nested import resolve_files
from datamask.policy.model import AUTO, KEEP, Choice, Rule
from datamask.suggest import did_you_mean

_BESIDE = ("domain", "when", "except", "preserve")
_PRESERVED: tuple[str, ...] = get_args(Preserved)
_DOMAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,99}")


def read_choice(node: Node, what: str) -> Choice:
    """A rule, or a list of rules of which the first that fits the column is taken.

    :param what: names the place in errors, such as ``the rule for person.email``.
    """
    if isinstance(node.value, list):
        if not node.value:
            raise node.error(f"{what} is an empty list", "write the name of a transform, or keep")
        return Choice(tuple(_rule(child, what) for child in node.value), node.mark)
    return Choice((_rule(node, what),), node.mark)


def _rule(node: Node, what: str) -> Rule:
    if node.value is None:
        # YAML reads the transform's name, null, as its own null.
        return _made("null", None, {}, node, what)
    if isinstance(node.value, str):
        return _made(node.text(what), None, {}, node, what)
    written = node.mapping(what)
    names = [key for key in written if key not in _BESIDE]
    if len(names) != 1:
        raise node.error(
            f"{what} must name exactly one transform, not {len(names)}",
            "write {transform: {parameter: value}}; several transforms to choose from make a list",
        )
    name = names[0]
    beside = {key: child for key, child in written.items() if key in _BESIDE}
    return _made(name, written[name], beside, node, what)


def _made(name: str, params: Node | None, beside: dict[str, Node], node: Node, what: str) -> Rule:
    plain = {} if params is None or params.value is None else params.mapping(f"the parameters of {name}")
    if name in {KEEP, AUTO}:
        if plain:
            raise node.error(f"{what}: {name} takes no parameters")
        if name == KEEP and beside.keys() - {"domain"}:
            raise node.error(
                f"{what}: keep leaves every value as it is", "give another transform the condition"
            )
        return _beside(Rule(name, mark=node.mark), beside, what)
    if not registry.exists(name):
        raise node.error(
            f"{what}: unknown transform {name!r}",
            registry.instead_of(name) or did_you_mean(name, [*registry.all_names(), KEEP, AUTO]),
        )
    try:
        transform = registry.get(name)
        given = {key: child.plain() for key, child in plain.items()}
        checked = transform.validate(resolve_files(name, given, node.mark.file.parent))
    except PolicyError as error:
        raise _at_parameter(error, plain, params or node, what) from None
    if transform.source_side and beside.keys() - {"domain"}:
        raise node.error(
            f"{what}: {name} is evaluated by the source's server, where {', '.join(sorted(beside))} cannot apply",
            "say it in SQL, such as CASE WHEN … THEN … ELSE … END",
        )
    return _beside(Rule(name, checked, mark=node.mark), beside, what)


def _beside(rule: Rule, beside: dict[str, Node], what: str) -> Rule:
    """The rule with what stands beside its transform."""
    return Rule(
        rule.transform,
        rule.params,
        _domain(beside.get("domain"), what),
        rule.mark,
        when=_condition(beside.get("when"), what),
        exceptions=_exceptions(beside.get("except"), what),
        preserve=_preserve(beside.get("preserve"), what),
    )


def _domain(node: Node | None, what: str) -> str | None:
    if node is None:
        return None
    domain = node.text(f"the domain of {what}")
    if not _DOMAIN_NAME.fullmatch(domain):
        raise node.error(
            f"{domain!r} cannot be the name of a domain",
            "take letters, digits, and . _ : - between them, at most 100",
        )
    return domain


def _condition(node: Node | None, what: str) -> str | None:
    if node is None:
        return None
    sql = node.text(f"when of {what}").strip()
    try:
        check_condition(sql)
    except PolicyError as error:
        raise node.error(f"{what}: {error.message}", error.hint) from None
    return sql


def _exceptions(node: Node | None, what: str) -> tuple[str, ...]:
    if node is None:
        return ()
    listed = node.sequence(f"except of {what}") if isinstance(node.value, list) else [node]
    patterns = []
    for child in listed:
        # A number in the list is the text that the column holds for it.
        plain = child.value
        text = str(plain) if isinstance(plain, int) and not isinstance(plain, bool) else None
        pattern = text or child.text(f"an exception of {what}")
        try:
            check_exception(pattern)
        except PolicyError as error:
            raise child.error(f"{what}: {error.message}", error.hint) from None
        patterns.append(pattern)
    return tuple(dict.fromkeys(patterns))


def _preserve(node: Node | None, what: str) -> tuple[Preserved, ...]:
    if node is None:
        return ()
    listed = node.sequence(f"preserve of {what}") if isinstance(node.value, list) else [node]
    found = []
    for child in listed:
        # YAML reads the word null as its own null.
        word = "null" if child.value is None else child.choice(f"preserve of {what}", _PRESERVED)
        found.append(cast(Preserved, word))
    return tuple(word for word in get_args(Preserved) if word in found)


def _at_parameter(error: PolicyError, plain: dict[str, Node], node: Node, what: str) -> PolicyError:
    """Point at the parameter that the message names, else at the parameters as a whole."""
    place = node
    for key, child in plain.items():
        if f"{key!r}" in error.message or f": {key} " in error.message:
            place = child
    return PolicyError(f"{place.mark}: {what}: {error.message}", hint=error.hint)
