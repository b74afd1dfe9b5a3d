"""``notify:`` of ``datamask.yaml``: who hears of a run, and of which ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from datamask.config.document import Node
from datamask.config.secrets import SecretRef, secret_node
from datamask.suggest import did_you_mean

Kind = Literal["webhook", "slack", "email"]
KINDS: tuple[Kind, ...] = ("webhook", "slack", "email")

Occasion = Literal["failure", "recovery", "success"]
OCCASIONS: tuple[Occasion, ...] = ("failure", "recovery", "success")

CHANNEL_KEYS = (*KINDS, "on", "jobs")
EMAIL_KEYS = ("smtp", "from", "to")

_MANY: dict[str, object] = {"type": ["array", "string"], "items": {"type": "string"}}

SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {
            "webhook": {"type": "string", "description": "A reference to its address."},
            "slack": {"type": "string", "description": "A reference to an incoming webhook's address."},
            "email": {
                "type": "object",
                "properties": {
                    "smtp": {
                        "type": "string",
                        "description": "A reference to smtp:// or smtps://USER:PASSWORD@HOST:PORT.",
                    },
                    "from": {"type": "string"},
                    "to": _MANY,
                },
                "required": list(EMAIL_KEYS),
                "additionalProperties": False,
            },
            "on": {"type": ["array", "string"], "items": {"enum": list(OCCASIONS)}},
            "jobs": {**_MANY, "description": "Of which jobs; by default of all."},
        },
        "additionalProperties": False,
    },
    "description": "Who hears of runs, by name.",
}
"""The JSON Schema of the section."""

# What a mail server takes for an address; anything with a line break would be a header of its own.
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to tell somebody.

    :param secret: the webhook's address, or the mail server's with user and password.
    :param occasions: of which ends of a run it hears.
    :param jobs: of which jobs; empty for all.
    :param sender: of mail.
    :param recipients: of mail.
    """

    name: str
    kind: Kind
    secret: SecretRef
    occasions: tuple[Occasion, ...] = ("failure", "recovery")
    jobs: tuple[str, ...] = ()
    sender: str = ""
    recipients: tuple[str, ...] = ()


def read_channels(
    node: Node, root: Path, *, jobs: Collection[str], is_name: Callable[[str], bool]
) -> dict[str, Channel]:
    """The channels by name.

    :param jobs: names of jobs that channels may be about.
    :param is_name: whether a text can be a channel's name.
    :raises UsageError: naming file and line.
    """
    node.mapping("notify")
    channels = {}
    for name, _, child in node.items:
        if not is_name(name):
            raise node.key_error(
                name,
                f"{name!r} cannot be a channel's name",
                "use up to 40 letters, digits, - and _, beginning with a letter",
            )
        channels[name] = _channel(name, child, root, jobs)
    return channels


def _channel(name: str, node: Node, root: Path, jobs: Collection[str]) -> Channel:
    what = f"notify.{name}"
    keys = node.mapping(what, CHANNEL_KEYS)
    kinds = [kind for kind in KINDS if kind in keys]
    if len(kinds) != 1:
        raise node.error(
            f"{what} must have exactly one of {', '.join(KINDS)}", "write slack: env:SLACK_WEBHOOK"
        )
    kind = kinds[0]
    sender, secret_at, secret_name = "", keys[kind], f"{what}.{kind}"
    recipients: tuple[str, ...] = ()
    if kind == "email":
        mail = keys[kind].mapping(secret_name, EMAIL_KEYS)
        for key in EMAIL_KEYS:
            if key not in mail:
                raise keys[kind].error(
                    f"{secret_name} has no {key}",
                    "write email: {smtp: env:SMTP_URL, from: datamask@example.com, to: team@example.com}",
                )
        sender = _address(mail["from"], f"{secret_name}.from")
        recipients = tuple(_address(item, f"{secret_name}.to") for item in _items(mail["to"]))
        secret_at, secret_name = mail["smtp"], f"{secret_name}.smtp"
    return Channel(
        name,
        kind,
        secret_node(secret_at, secret_name, root),
        occasions=tuple(cast(Occasion, item.choice(f"{what}.on", OCCASIONS)) for item in _items(keys["on"]))
        if "on" in keys
        else ("failure", "recovery"),
        jobs=tuple(_job(item, f"{what}.jobs", jobs) for item in _items(keys["jobs"]))
        if "jobs" in keys
        else (),
        sender=sender,
        recipients=recipients,
    )


def _job(node: Node, what: str, jobs: Collection[str]) -> str:
    name = node.text(what)
    if name not in jobs:
        raise node.error(f"{what}: there is no job {name!r}", did_you_mean(name, jobs))
    return name


def _items(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else [node]


def _address(node: Node, what: str) -> str:
    text = node.text(what)
    if not _ADDRESS.fullmatch(text):
        raise node.error(f"{what} must be an e-mail address without a name: team@example.com")
    return text
