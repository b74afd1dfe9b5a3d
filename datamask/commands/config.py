"""``datamask config``: every effective setting, and the layer that it comes from."""

from __future__ import annotations

import json
import os
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

from datamask.config.document import Node
from datamask.config.json_schema import Schema, configuration_schema
from datamask.config.layers import leaves, load_layers
from datamask.config.settings import Environment, Settings, SnapshotSettings, read_settings
from datamask.errors import UsageError
from datamask.suggest import did_you_mean

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective value.

    :param key: dotted, as in ``environments.dev.url``.
    :param value: as it is written: a reference to a secret, never the secret.
    :param layer: ``default``, the file's name, or ``variable NAME``.
    :param line: in the file, else None.
    """

    key: str
    value: str | int | float | bool | None
    layer: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole configuration."""

    file: Path
    settings: tuple[Setting, ...]


def explain(settings: Settings, prefix: str | None = None) -> Explanation:
    """Every effective setting.

    :param prefix: only keys that begin with it, such as ``environments.dev``.
    :raises UsageError: no key begins so.
    """
    document = load_layers(settings.file, os.environ)
    # The same checks again: nothing is explained that would be refused.
    read_settings(document)
    found = [_written(path, node, settings.root) for path, node in leaves(document)]
    known = {setting.key.split("[")[0] for setting in found}
    # A section that says something is there, whatever it says.
    known |= {key.rsplit(".", depth)[0] for key in known for depth in range(1, key.count(".") + 1)}
    found += [setting for setting in _defaults(settings) if setting.key not in known]
    chosen = [item for item in found if prefix is None or f"{item.key}.".startswith(f"{prefix}.")]
    if not chosen:
        raise UsageError(
            f"{settings.file}: there is no setting {prefix}", hint="datamask config explain lists all"
        )
    return Explanation(settings.file, tuple(sorted(chosen, key=lambda item: _order(item.key))))


def json_schema(kind: str) -> Schema:
    """The JSON Schema of a kind of file.

    :raises UsageError: there is no such kind.
    """
    # Policies bring the transforms along, which a configuration can do without.
    from datamask.policy.json_schema import classification_schema, policy_schema

    makers = {
        "configuration": configuration_schema,
        "policy": policy_schema,
        "classification": classification_schema,
    }
    if kind not in makers:
        raise UsageError(f"there is no schema of {kind!r}", hint=did_you_mean(kind, makers))
    return makers[kind]()


def _written(path: tuple[str, ...], node: Node, root: Path) -> Setting:
    mark = node.mark
    layer = mark.file.name if mark.line else str(mark.file)
    if mark.line and mark.file.parent != root:
        layer = str(mark.file)
    value = node.value
    if isinstance(value, list):
        shown: str | int | float | bool | None = ", ".join(map(_item, value))
    else:
        assert not isinstance(value, dict)
        shown = value
    return Setting(".".join(path), shown, layer, mark.line or None)


def _item(node: Node) -> str:
    """An item of a list; what is no scalar as JSON."""
    return json.dumps(node.plain()) if isinstance(node.value, dict | list) else str(node.value)


def _defaults(settings: Settings) -> list[Setting]:
    """What holds where no layer says anything."""
    found = [
        Setting("project", settings.project, DEFAULT, None),
        Setting("store", settings.store, DEFAULT, None),
        Setting("classification", str(settings.classification), DEFAULT, None),
    ]
    found += _of_class("snapshot", SnapshotSettings, {"chunk_bytes": "chunk_size"})
    for name, environment in settings.environments.items():
        for setting in _of_class(f"environments.{name}", Environment, {}):
            # Some defaults hang on the tier.
            value = getattr(environment, setting.key.rpartition(".")[2])
            found.append(
                Setting(setting.key, value if isinstance(value, bool | str) else setting.value, DEFAULT, None)
            )
    return found


def _of_class(
    prefix: str, kind: type[SnapshotSettings | Environment], names: dict[str, str]
) -> list[Setting]:
    found = []
    for field in fields(kind):
        if field.default is not MISSING:
            value = field.default if isinstance(field.default, str | int | bool) else None
            found.append(Setting(f"{prefix}.{names.get(field.name, field.name)}", value, DEFAULT, None))
    return found


def _order(key: str) -> tuple[int, str]:
    """Project-wide keys first, environments last."""
    return (key.count("."), key) if not key.startswith("environments.") else (9, key)
