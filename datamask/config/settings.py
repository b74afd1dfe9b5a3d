"""``datamask.yaml`` as typed values: the project, its environments, how snapshots are made."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from datamask.config.connection_url import EMBEDDED, url_node
from datamask.config.document import Node
from datamask.config.layers import load_layers
from datamask.config.quantities import size_node
from datamask.config.secrets import SecretRef, secret_node
from datamask.errors import UsageError
from datamask.suggest import did_you_mean

FILE_NAME = "datamask.yaml"
FILE_VARIABLE = "DATAMASK_CONFIG"
FORMAT_VERSION = 1

Tier = Literal["protected", "shared", "disposable"]
TIERS: tuple[Tier, ...] = ("protected", "shared", "disposable")

# The name becomes part of database, folder and file names.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")

# Ed25519: 32 bytes in base64.
_PUBLIC_KEY = re.compile(r"ed25519:[A-Za-z0-9+/]{43}=")

_KEYS = (
    "version", "project", "store", "masking_key", "classification", "workers", "snapshot", "environments",
    "approvers", "audit", "accepted",
)  # fmt: skip
_ENVIRONMENT_KEYS = (
    "url",
    "tier",
    "policy",
    "baseline",
    "accepts",
    "keep_previous",
    "golden",
    "spare",
    "like",
)
_SNAPSHOT_KEYS = ("chunk_size", "compression_level", "max_rows_per_second", "max_bytes_per_second")


@dataclass(frozen=True, slots=True)
class Environment:
    """A named database and what may happen to it.

    :param url: a reference, a libpq connection string without a password, or ``embedded``.
    :param tier: ``protected`` is only ever read, and the default: who forgets it loses nothing.
    :param policy: the file that says what this environment may see, None for a source.
    :param baseline: what ``reset`` goes back to where no load said otherwise, e.g. ``latest:staging``.
    :param accepts: names of further policies whose snapshots it takes; its own policy's always are.
    :param keep_previous: keep the database that a load or reset replaced, for ``reset --undo``.
    :param golden: keep a template database beside it, so that a reset is a clone.
    :param spare: make the next reset's clone in advance, so that a reset is a rename; costs the database's
        size once more on the server's disk.
    """

    name: str
    url: SecretRef | str
    tier: Tier = "protected"
    policy: Path | None = None
    baseline: str | None = None
    accepts: tuple[str, ...] = ()
    keep_previous: bool = False
    golden: bool = True
    spare: bool = False

    @property
    def embedded(self) -> bool:
        """True where datamask starts the server itself."""
        return self.url == EMBEDDED


@dataclass(frozen=True, slots=True)
class SnapshotSettings:
    """How snapshots are made.

    :param chunk_bytes: heap bytes of a table that one piece of work reads; bounds a worker's memory.
    :param compression_level: of zstd, 1 to 22.
    :param max_rows_per_second: limit on reading the source, over all workers; None for no limit.
    :param max_bytes_per_second: the same in bytes of COPY text.
    """

    chunk_bytes: int = 32 << 20
    compression_level: int = 1
    max_rows_per_second: int | None = None
    max_bytes_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A project's whole configuration.

    :param root: the configuration file's folder; relative paths start there.
    :param store: an absolute folder, or the URL of an object store.
    :param masking_key: where the masking key is, None where the file names none.
    :param workers: processes that work at once, None to decide by the machine.
    :param approvers: public signing keys by the name of their owner.
    :param audit: the file of the audit log, None for the project's own.
    :param accepted: the file of accepted findings, None for the one beside the policy.
    """

    file: Path
    root: Path
    project: str
    store: str
    masking_key: SecretRef | None
    classification: Path
    environments: dict[str, Environment]
    workers: int | None = None
    snapshot: SnapshotSettings = SnapshotSettings()
    approvers: Mapping[str, str] = field(default_factory=dict)
    audit: Path | None = None
    accepted: Path | None = None

    def environment(self, name: str) -> Environment:
        """The environment of that name.

        :raises UsageError: where there is none; the hint names the nearest one.
        """
        found = self.environments.get(name)
        if found is None:
            raise UsageError(
                f"{self.file}: there is no environment {name!r}", hint=did_you_mean(name, self.environments)
            )
        return found


def load_settings(
    path: Path | None = None, *, start: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Read the configuration.

    :param path: the file; else ``DATAMASK_CONFIG`` names it, else it is the first ``datamask.yaml`` in the
        folder ``start`` (by default the current one) and those above it.
    :raises UsageError: where there is none, or something in it is wrong; with file and line.
    """
    file = path or _named_file(environ) or _find_file(start or Path.cwd())
    return read_settings(load_layers(file.absolute(), environ))


def read_settings(document: Node) -> Settings:
    """The settings that a document says, checked key by key."""
    file = document.mark.file
    root = file.parent
    keys = document.mapping("the configuration", _KEYS)
    _check_version(document, keys)
    return Settings(
        file=file,
        root=root,
        project=_name(keys["project"], "project") if "project" in keys else _default_project(root),
        store=_store(keys.get("store"), root),
        masking_key=secret_node(keys["masking_key"], "masking_key", root) if "masking_key" in keys else None,
        classification=_path(keys.get("classification"), "classification", root)
        or root / "policies" / "classification.yaml",
        environments=_environments(document, keys, root),
        workers=keys["workers"].integer("workers", minimum=1, maximum=1024) if "workers" in keys else None,
        snapshot=_snapshot(keys["snapshot"]) if "snapshot" in keys else SnapshotSettings(),
        approvers=_approvers(keys["approvers"]) if "approvers" in keys else {},
        audit=_path(keys.get("audit"), "audit", root),
        accepted=_path(keys.get("accepted"), "accepted", root),
    )


def _named_file(environ: Mapping[str, str]) -> Path | None:
    named = environ.get(FILE_VARIABLE)
    return Path(named) if named else None


def _find_file(start: Path) -> Path:
    for folder in (start.absolute(), *start.absolute().parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise UsageError(
        f"there is no {FILE_NAME} in {start.absolute()} or any folder above it",
        hint="make one with `datamask init`, or name it with --config FILE",
    )


def _check_version(document: Node, keys: Mapping[str, Node]) -> None:
    if "version" not in keys:
        raise document.error(
            "the key 'version' is missing", f"begin the file with `version: {FORMAT_VERSION}`"
        )
    version = keys["version"].integer("version")
    if version != FORMAT_VERSION:
        hint = "upgrade datamask" if version > FORMAT_VERSION else f"write `version: {FORMAT_VERSION}`"
        raise keys["version"].error(
            f"version {version} is not one that this datamask reads ({FORMAT_VERSION})", hint
        )


def _environments(document: Node, keys: Mapping[str, Node], root: Path) -> dict[str, Environment]:
    if "environments" not in keys:
        raise document.error("the key 'environments' is missing", "name at least one database under it")
    node = keys["environments"]
    if not node.mapping("environments"):
        raise node.error("environments names no database")
    return {name: _environment(node, name, child, root) for name, _, child in node.items}


def _environment(parent: Node, name: str, node: Node, root: Path) -> Environment:
    if not _NAME.fullmatch(name):
        raise parent.key_error(
            name,
            f"{name!r} cannot be an environment's name",
            "use up to 40 letters, digits, - and _, beginning with a letter",
        )
    what = f"environments.{name}"
    keys = node.mapping(what, _ENVIRONMENT_KEYS)
    if "url" not in keys:
        raise parent.key_error(name, f"{what} has no url", "write url: env:NAME, or url: embedded")
    tier = cast(Tier, keys["tier"].choice(f"{what}.tier", TIERS)) if "tier" in keys else "protected"
    url = url_node(keys["url"], f"{what}.url", root)
    if url == EMBEDDED and tier == "protected":
        raise keys.get("tier", keys["url"]).error(
            f"{what} is embedded, so it cannot be protected: datamask makes and fills it",
            "write tier: disposable",
        )
    return Environment(
        name=name,
        url=url,
        tier=tier,
        policy=_path(keys.get("policy"), f"{what}.policy", root),
        baseline=keys["baseline"].text(f"{what}.baseline") if "baseline" in keys else None,
        accepts=_texts(keys["accepts"], f"{what}.accepts") if "accepts" in keys else (),
        keep_previous="keep_previous" in keys and keys["keep_previous"].boolean(f"{what}.keep_previous"),
        golden="golden" not in keys or keys["golden"].boolean(f"{what}.golden"),
        spare=keys["spare"].boolean(f"{what}.spare") if "spare" in keys else tier != "protected",
    )


def _snapshot(node: Node) -> SnapshotSettings:
    keys = node.mapping("snapshot", _SNAPSHOT_KEYS)
    defaults = SnapshotSettings()
    chunk, level = keys.get("chunk_size"), keys.get("compression_level")
    rows, size = keys.get("max_rows_per_second"), keys.get("max_bytes_per_second")
    return SnapshotSettings(
        chunk_bytes=size_node(chunk, "snapshot.chunk_size", minimum=1 << 20, maximum=1 << 30)
        if chunk
        else defaults.chunk_bytes,
        compression_level=level.integer("snapshot.compression_level", minimum=1, maximum=22)
        if level
        else defaults.compression_level,
        max_rows_per_second=rows.integer("snapshot.max_rows_per_second", minimum=1) if rows else None,
        max_bytes_per_second=size_node(size, "snapshot.max_bytes_per_second", minimum=1 << 10)
        if size
        else None,
    )


def _approvers(node: Node) -> dict[str, str]:
    node.mapping("approvers")
    people = {}
    for name, _, child in node.items:
        if not _NAME.fullmatch(name):
            raise node.key_error(
                name,
                f"{name!r} cannot be an approver's name",
                "use up to 40 letters, digits, - and _, beginning with a letter",
            )
        people[name] = child.text(f"approvers.{name}")
        if not _PUBLIC_KEY.fullmatch(people[name]):
            raise child.error(
                f"approvers.{name} must be a public signing key, ed25519: and 44 characters of base64",
                "`datamask approve new-key` makes a pair, and prints the public half",
            )
    return people


def _store(node: Node | None, root: Path) -> str:
    if node is None:
        return str(root / "snapshots")
    text = node.text("store")
    return text if "://" in text else str(_absolute(text, root))


def _path(node: Node | None, what: str, root: Path) -> Path | None:
    return None if node is None else _absolute(node.text(what), root)


def _absolute(text: str, root: Path) -> Path:
    return Path(os.path.normpath(root / Path(text).expanduser()))


def _texts(node: Node, what: str) -> tuple[str, ...]:
    if isinstance(node.value, list):
        return tuple(child.text(what) for child in node.sequence(what))
    return (node.text(what),)


def _name(node: Node, what: str) -> str:
    text = node.text(what)
    if not _NAME.fullmatch(text):
        raise node.error(
            f"{what} must be up to 40 letters, digits, - and _, beginning with a letter, not {text!r}"
        )
    return text


def _default_project(root: Path) -> str:
    """The folder's name, as far as it can be one."""
    return re.sub(r"[^A-Za-z0-9_-]+|^[^A-Za-z]+", "-", root.name).strip("-")[:40] or "project"
