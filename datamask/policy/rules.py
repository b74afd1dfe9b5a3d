"""The rules of a policy file: ``email``, ``{email: {domain: example.com}}``, lists of them."""

from __future__ import annotations

import re

from datamask.config.document import Node
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.policy.model import AUTO, KEEP, Choice, Rule
from datamask.suggest import did_you_mean

_DOMAIN = "domain"
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
        return _made("null", None, None, node, what)
    if isinstance(node.value, str):
        return _made(node.text(what), None, None, node, what)
    written = node.mapping(what)
    names = [key for key in written if key != _DOMAIN]
    if len(names) != 1:
        raise node.error(
            f"{what} must name exactly one transform, not {len(names)}",
            "write {transform: {parameter: value}}; several transforms to choose from make a list",
        )
    name = names[0]
    return _made(name, written[name], _domain(written.get(_DOMAIN), what), node, what)


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


def _made(name: str, params: Node | None, domain: str | None, node: Node, what: str) -> Rule:
    plain = {} if params is None or params.value is None else params.mapping(f"the parameters of {name}")
    if name in {KEEP, AUTO}:
        if plain:
            raise node.error(f"{what}: {name} takes no parameters")
        return Rule(name, domain=domain, mark=node.mark)
    if name not in registry.names():
        raise node.error(
            f"{what}: unknown transform {name!r}", did_you_mean(name, [*registry.names(), KEEP, AUTO])
        )
    try:
        checked = registry.get(name).validate({key: child.plain() for key, child in plain.items()})
    except PolicyError as error:
        raise _at_parameter(error, plain, params or node, what) from None
    return Rule(name, checked, domain, node.mark)


def _at_parameter(error: PolicyError, plain: dict[str, Node], node: Node, what: str) -> PolicyError:
    """Point at the parameter that the message names, else at the parameters as a whole."""
    place = node
    for key, child in plain.items():
        if f"{key!r}" in error.message or f": {key} " in error.message:
            place = child
    return PolicyError(f"{place.mark}: {what}: {error.message}", hint=error.hint)
