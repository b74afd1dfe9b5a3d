"""``registry:`` of ``datamask.yaml``: where the record of snapshots, loads and runs is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datamask.config.connection_url import EMBEDDED, url_node
from datamask.config.document import Node
from datamask.config.secrets import SecretRef

REGISTRY_KEYS = ("url", "required")

SCHEMA: dict[str, object] = {
    "oneOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {
                "url": {"type": "string", "minLength": 1},
                "required": {"type": "boolean", "description": "Do nothing that cannot be recorded there."},
            },
            "additionalProperties": False,
        },
    ],
    "description": "A PostgreSQL database that a team shares as its record; by default a file of the project.",
}
"""The JSON Schema of the section."""


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """Where the registry is.

    :param url: of a PostgreSQL database, a reference or a connection string without a password; None for a
        file in the project's state folder.
    :param required: nothing is done that cannot be recorded there.
    """

    url: SecretRef | str | None = None
    required: bool = False


DEFAULT_REGISTRY = RegistrySettings()


def read_registry(node: Node, root: Path) -> RegistrySettings:
    """The section, which may be the address alone.

    :raises UsageError: naming file and line.
    """
    if not isinstance(node.value, dict):
        return RegistrySettings(_url(node, "registry", root))
    keys = node.mapping("registry", REGISTRY_KEYS)
    return RegistrySettings(
        _url(keys["url"], "registry.url", root) if "url" in keys else None,
        "required" in keys and keys["required"].boolean("registry.required"),
    )


def _url(node: Node, what: str, root: Path) -> SecretRef | str:
    url = url_node(node, what, root)
    if url == EMBEDDED:
        raise node.error(
            f"{what} cannot be embedded: an embedded server comes and goes with one machine",
            "leave it out for a file beside the configuration, or name a PostgreSQL database",
        )
    return url
