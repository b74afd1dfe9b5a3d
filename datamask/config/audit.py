"""``audit``: where the record of what was done goes, and where else it leaves a trace."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from datamask.config.document import Node

KEYS = ("file", "anchor", "syslog")

_SYSLOG = re.compile(r"local|/.+|(?:udp|tcp)://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")

SCHEMA: dict[str, object] = {
    "type": ["string", "object"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "description": "The audit log; by default .datamask/audit.jsonl."},
        "anchor": {
            "type": "string",
            "description": "A file elsewhere that every record's hash is added to.",
        },
        "syslog": {
            "type": "string",
            "description": "local, a socket's path, udp://HOST:PORT or tcp://HOST:PORT.",
        },
    },
    "description": "The file of the audit log, or where it and its traces go.",
}
"""The JSON Schema of the section."""


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Where records go.

    :param file: the log, None for the project's own.
    :param anchor: a file on another disk or in another repository that gets the hash of every record.
    :param syslog: ``local``, a socket's path, ``udp://HOST:PORT`` or ``tcp://HOST:PORT``; gets every record.
    """

    file: Path | None = None
    anchor: Path | None = None
    syslog: str | None = None


DEFAULT_AUDIT = AuditSettings()


def audit_node(node: Node, root: Path) -> AuditSettings:
    """The section, or its short form: the log's path."""
    if not isinstance(node.value, dict):
        return AuditSettings(file=_path(node, "audit", root))
    keys = node.mapping("audit", KEYS)
    syslog = keys["syslog"].text("audit.syslog").strip() if "syslog" in keys else None
    if syslog is not None and not _SYSLOG.fullmatch(syslog):
        raise keys["syslog"].error(
            f"audit.syslog cannot be {syslog!r}",
            "write local, a socket's path such as /dev/log, udp://HOST:PORT or tcp://HOST:PORT",
        )
    return AuditSettings(
        file=_path(keys["file"], "audit.file", root) if "file" in keys else None,
        anchor=_path(keys["anchor"], "audit.anchor", root) if "anchor" in keys else None,
        syslog=syslog,
    )


def _path(node: Node, what: str, root: Path) -> Path:
    return Path(os.path.normpath(root / Path(node.text(what)).expanduser()))
