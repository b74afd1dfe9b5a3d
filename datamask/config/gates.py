"""``gates`` of an environment: what has to hold before a snapshot is taken from it or loaded into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from datamask.approval.rule import Rule
from datamask.config.document import Node
from datamask.config.durations import duration_node

KEYS = ("verified", "max_age", "promoted_from", "policies", "policy_approved", "probes", "drift", "approvals")

PROTECTED_KEYS = ("policy_approved", "approvals")
"""What a protected environment may have: nothing is ever loaded into it, so the others would guard nothing."""

PROBE_KEYS = ("name", "sql", "expect")
BOUND_KEYS = ("at_least", "at_most")
APPROVAL_KEYS = ("count", "not_requester", "from")

SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "description": "What has to hold before a snapshot is loaded here, or taken from here.",
    "properties": {
        "verified": {"type": "boolean", "description": "Every file is what the manifest says."},
        "max_age": {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,5}\\s*[smhdw]$",
            "description": "The snapshot is no older: 7d, 36h.",
        },
        "promoted_from": {"type": "string", "description": "The stage that holds the snapshot, or held it."},
        "policies": {
            "type": ["array", "string"],
            "items": {"type": "string"},
            "description": "The snapshot is masked by one of these policies.",
        },
        "policy_approved": {
            "type": "boolean",
            "description": "The compiled plan is the one in policies/approved.lock.",
        },
        "probes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sql"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "sql": {"type": "string"},
                    "expect": {
                        "type": ["string", "number", "boolean", "null", "object"],
                        "properties": {name: {"type": "number"} for name in BOUND_KEYS},
                        "additionalProperties": False,
                        "description": "The first value, or {at_least: N, at_most: N}; by default true.",
                    },
                },
            },
            "description": "Queries that are run in the stage that the snapshot comes from.",
        },
        "drift": {"enum": ["clean"], "description": "That stage is still as it was loaded."},
        "approvals": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "count": {"type": "integer", "minimum": 1, "maximum": 40},
                "not_requester": {"type": "boolean"},
                "from": {"type": ["array", "string"], "items": {"type": "string"}},
            },
            "description": "How many people must approve, and who may.",
        },
    },
}
"""The JSON Schema of the section."""

Expected = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range that a probe's number must be in, both ends included."""

    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """A query whose first value says whether a stage is well.

    :param name: for people, instead of the query.
    :param expect: the value, or the bounds that it must be in.
    """

    name: str
    sql: str
    expect: Expected | Bounds = True


@dataclass(frozen=True, slots=True)
class Gates:
    """What has to hold, all of it.

    :param verified: every file of the snapshot is what its manifest says.
    :param max_age: the snapshot is no older.
    :param promoted_from: the stage that holds the snapshot, or held it.
    :param policies: names of policies; the snapshot is masked by one of them.
    :param policy_approved: the compiled plan is the one in ``policies/approved.lock``.
    :param probes: queries that are run in the stage it comes from.
    :param drift: ``clean``: that stage is still as it was loaded.
    :param approvals: whose yes it takes.
    """

    verified: bool = False
    max_age: timedelta | None = None
    promoted_from: str | None = None
    policies: tuple[str, ...] | None = None
    policy_approved: bool = False
    probes: tuple[Probe, ...] = ()
    drift: Literal["clean"] | None = None
    approvals: Rule | None = None


def gates_node(node: Node, what: str, *, protected: bool) -> Gates:
    """An environment's gates, checked key by key."""
    keys = node.mapping(what, KEYS)
    if protected:
        for key in keys:
            if key not in PROTECTED_KEYS:
                raise node.key_error(
                    key,
                    f"{what}.{key} guards nothing: a protected environment is only ever read",
                    f"it may have {' and '.join(PROTECTED_KEYS)}; what is loaded is guarded where it is loaded",
                )
    for key in ("probes", "drift"):
        if key in keys and "promoted_from" not in keys:
            raise node.key_error(
                key,
                f"{what}.{key} is about the stage that a snapshot comes from, and none is named",
                "add promoted_from: STAGE",
            )
    return Gates(
        verified="verified" in keys and keys["verified"].boolean(f"{what}.verified"),
        max_age=duration_node(keys["max_age"], f"{what}.max_age") if "max_age" in keys else None,
        promoted_from=keys["promoted_from"].text(f"{what}.promoted_from")
        if "promoted_from" in keys
        else None,
        policies=_texts(keys["policies"], f"{what}.policies") if "policies" in keys else None,
        policy_approved="policy_approved" in keys
        and keys["policy_approved"].boolean(f"{what}.policy_approved"),
        probes=tuple(
            _probe(child, f"{what}.probes[{number}]", number)
            for number, child in enumerate(keys["probes"].sequence(f"{what}.probes"), start=1)
        )
        if "probes" in keys
        else (),
        drift="clean" if "drift" in keys and keys["drift"].choice(f"{what}.drift", ("clean",)) else None,
        approvals=_approvals(keys["approvals"], f"{what}.approvals") if "approvals" in keys else None,
    )


def check_references(
    node: Node, environment: str, gates: Gates, tiers: Mapping[str, str], people: Collection[str]
) -> None:
    """Refuse gates that name environments or people that there are not.

    :param node: the gates' own.
    :param tiers: of all environments by name.
    :param people: names of ``approvers``.
    """
    what = f"environments.{environment}.gates"
    stage = gates.promoted_from
    assert isinstance(node.value, dict)
    if stage is not None and (stage == environment or tiers.get(stage, "protected") == "protected"):
        if stage == environment:
            why = "that is the environment itself"
        elif stage in tiers:
            why = "it is protected, so no snapshot was ever loaded into it"
        else:
            why = "there is no environment of that name"
        raise node.value["promoted_from"].error(
            f"{what}.promoted_from: nothing can come from {stage!r}: {why}",
            "name an environment that snapshots are loaded into first",
        )
    if gates.approvals is None:
        return
    rule, at = gates.approvals, node.value["approvals"]
    for name in rule.people or ():
        if name not in people:
            raise at.error(
                f"{what}.approvals.from: {name!r} is not among the approvers", "list their public key there"
            )
    candidates = len(people if rule.people is None else set(rule.people))
    if rule.count > candidates:
        raise at.error(
            f"{what}.approvals takes {rule.count} people, and only {candidates} may approve",
            "list more of them under approvers: NAME: ed25519:…",
        )


def _probe(node: Node, what: str, number: int) -> Probe:
    keys = node.mapping(what, PROBE_KEYS)
    if "sql" not in keys:
        raise node.error(
            f"{what} has no sql", 'write it like {sql: "select count(*) = 0 from …", expect: true}'
        )
    return Probe(
        name=keys["name"].text(f"{what}.name") if "name" in keys else f"probe {number}",
        sql=keys["sql"].text(f"{what}.sql"),
        expect=_expected(keys["expect"], f"{what}.expect") if "expect" in keys else True,
    )


def _expected(node: Node, what: str) -> Expected | Bounds:
    if isinstance(node.value, list):
        raise node.error(
            f"{what} must be one value, or {{at_least: N}}", "a probe is judged by its first value"
        )
    if not isinstance(node.value, dict):
        return node.value
    keys = node.mapping(what, BOUND_KEYS)
    if not keys:
        raise node.error(f"{what} says nothing", "write {at_least: N}, {at_most: N} or both")
    return Bounds(
        keys["at_least"].number(f"{what}.at_least") if "at_least" in keys else None,
        keys["at_most"].number(f"{what}.at_most") if "at_most" in keys else None,
    )


def _approvals(node: Node, what: str) -> Rule:
    keys = node.mapping(what, APPROVAL_KEYS)
    return Rule(
        count=keys["count"].integer(f"{what}.count", minimum=1, maximum=40) if "count" in keys else 1,
        not_requester="not_requester" not in keys or keys["not_requester"].boolean(f"{what}.not_requester"),
        people=_texts(keys["from"], f"{what}.from") if "from" in keys else None,
    )


def _texts(node: Node, what: str) -> tuple[str, ...]:
    if not isinstance(node.value, list):
        return (node.text(what),)
    found = tuple(child.text(what) for child in node.sequence(what))
    if not found:
        raise node.error(f"{what} is empty, so nothing would pass", "name one, or leave the key out")
    return found
