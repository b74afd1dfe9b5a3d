"""``metrics:`` of ``datamask.yaml``: where figures of runs go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datamask.config.document import Node
from datamask.config.secrets import SecretRef, secret_node

METRICS_KEYS = ("textfile", "push")

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "textfile": {
            "type": "string",
            "pattern": "\\.prom$",
            "description": "A file for node_exporter's textfile collector.",
        },
        "push": {"type": "string", "description": "A reference to the address of a push gateway."},
    },
    "additionalProperties": False,
}
"""The JSON Schema of the section."""


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where figures of runs go.

    :param textfile: a file for node_exporter's textfile collector.
    :param push: the address of a push gateway.
    """

    textfile: Path | None = None
    push: SecretRef | None = None


NO_METRICS = MetricsSettings()


def read_metrics(node: Node, root: Path) -> MetricsSettings:
    """The section.

    :raises UsageError: naming file and line.
    """
    keys = node.mapping("metrics", METRICS_KEYS)
    textfile = keys.get("textfile")
    path = None
    if textfile is not None:
        path = root / Path(textfile.text("metrics.textfile")).expanduser()
        if path.suffix != ".prom":
            raise textfile.error(
                "metrics.textfile must end in .prom: the textfile collector reads no other files",
                "write textfile: /var/lib/node_exporter/textfile/datamask.prom",
            )
    return MetricsSettings(
        path,
        secret_node(keys["push"], "metrics.push", root) if "push" in keys else None,
    )
