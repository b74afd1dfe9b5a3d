"""``datamask.yaml`` as typed values: the project, its environments, how snapshots are made."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from datamask.config.audit import DEFAULT_AUDIT, AuditSettings, audit_node
from datamask.config.connection_url import EMBEDDED, url_node
from datamask.config.document import Node
from datamask.config.drift import DEFAULT_DRIFT, DriftSettings, drift_node
from datamask.config.gates import Gates, check_references, gates_node
from datamask.config.hooks import NO_HOOKS, Hooks, hooks_node
from datamask.config.layers import load_layers
from datamask.config.metrics import NO_METRICS, MetricsSettings, read_metrics
from datamask.config.quantities import size_node
from datamask.config.registry import DEFAULT_REGISTRY, RegistrySettings, read_registry
from datamask.config.reset import DEFAULT_RESET, ResetSettings, reset_node, text_by_name_node
from datamask.config.secrets import SecretRef, secret_node
from datamask.errors import UsageError
from datamask.suggest import did_you_mean

if TYPE_CHECKING:
    from datamask.config.notify import Channel
    from datamask.jobs.model import Job

FILE_NAME = "datamask.yaml"
FILE_VARIABLE = "DATAMASK_CONFIG"
FORMAT_VERSION = 1

Tier = Literal["protected", "shared", "disposable"]
TIERS: tuple[Tier, ...] = ("protected", "shared", "disposable")

LogFormat = Literal["text", "json"]
LOG_FORMATS: tuple[LogFormat, ...] = ("text", "json")

# The name becomes part of database, folder and file names.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")

# Ed25519: 32 bytes in base64.
_PUBLIC_KEY = re.compile(r"ed25519:[A-Za-z0-9+/]{43}=")

_KEYS = (
    "version", "project", "store", "masking_key", "classification", "workers", "snapshot", "environments",
    "approvers", "audit", "accepted", "scenarios", "drift", "registry", "jobs", "notify", "metrics", "log",
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
    "drift",
    "gates",
    "reset",
    "after_load",
    "hooks",
    "extensions",
    "like",
)
_SNAPSHOT_KEYS = ("chunk_size", "compression_level", "max_rows_per_second", "max_bytes_per_second", "try")


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
    :param drift: what of it is compared with its baseline, and what counts.
    :param gates: what has to hold before a snapshot is loaded, or taken; None for nothing.
    :param reset: how a load or reset replaces what it holds.
    :param hooks: SQL and programs that run around a load.
    :param extensions: extensions that it must have, with the version or its beginning.
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
    drift: DriftSettings = DEFAULT_DRIFT
    gates: Gates | None = None
    reset: ResetSettings = DEFAULT_RESET
    hooks: Hooks = NO_HOOKS
    extensions: Mapping[str, str] = field(default_factory=dict)

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
    :param trial: mask a few rows of each table first, and try the database's constraints on them.
    """

    chunk_bytes: int = 32 << 20
    compression_level: int = 1
    max_rows_per_second: int | None = None
    max_bytes_per_second: int | None = None
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """A project's whole configuration.

    :param root: the configuration file's folder; relative paths start there.
    :param store: an absolute folder, or the URL of an object store.
    :param masking_key: where the masking key is, None where the file names none.
    :param workers: processes that work at once, None to decide by the machine.
    :param approvers: public signing keys by the name of their owner.
    :param audit: where the audit log is, and where else it leaves a trace.
    :param accepted: the file of accepted findings, None for the one beside the policy.
    :param scenarios: the folder of scenario files, None for ``fixtures/scenarios``.
    :param registry: where the record of snapshots, loads and runs is kept.
    :param jobs: chains of verbs by name.
    :param notify: who hears of runs, by name.
    :param metrics: where figures of runs go.
    :param log: how runs tell what they do, ``text`` or ``json``.
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
    audit: AuditSettings = DEFAULT_AUDIT
    accepted: Path | None = None
    scenarios: Path | None = None
    registry: RegistrySettings = DEFAULT_REGISTRY
    jobs: Mapping[str, Job] = field(default_factory=dict)
    notify: Mapping[str, Channel] = field(default_factory=dict)
    metrics: MetricsSettings = NO_METRICS
    log: LogFormat = "text"

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

    def job(self, name: str) -> Job:
        """The job of that name.

        :raises UsageError: where there is none; the hint names the nearest one.
        """
        found = self.jobs.get(name)
        if found is None:
            raise UsageError(
                f"{self.file}: there is no job {name!r}",
                hint=did_you_mean(name, self.jobs) or "jobs are chains of verbs under `jobs:`",
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
        audit=audit_node(keys["audit"], root) if "audit" in keys else DEFAULT_AUDIT,
        accepted=_path(keys.get("accepted"), "accepted", root),
        scenarios=_path(keys.get("scenarios"), "scenarios", root),
        registry=read_registry(keys["registry"], root) if "registry" in keys else DEFAULT_REGISTRY,
        jobs=_jobs(keys) if "jobs" in keys else {},
        notify=_channels(keys, root) if "notify" in keys else {},
        metrics=read_metrics(keys["metrics"], root) if "metrics" in keys else NO_METRICS,
        log=cast(LogFormat, keys["log"].choice("log", LOG_FORMATS)) if "log" in keys else "text",
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
    found = {name: _environment(node, name, child, root, keys.get("drift")) for name, _, child in node.items}
    tiers = {name: environment.tier for name, environment in found.items()}
    people = [name for name, _, _ in keys["approvers"].items] if "approvers" in keys else []
    for name, _, child in node.items:
        gates = found[name].gates
        if gates is not None:
            check_references(child.mapping(name)["gates"], name, gates, tiers, people)
    return found


def _environment(parent: Node, name: str, node: Node, root: Path, drift: Node | None) -> Environment:
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
        drift=drift_node(keys.get("drift"), f"{what}.drift", drift_node(drift, "drift")),
        gates=gates_node(keys["gates"], f"{what}.gates", protected=tier == "protected")
        if "gates" in keys
        else None,
        reset=reset_node(keys["reset"], f"{what}.reset") if "reset" in keys else DEFAULT_RESET,
        hooks=hooks_node(keys.get("hooks"), keys.get("after_load"), what, root),
        extensions=text_by_name_node(keys["extensions"], f"{what}.extensions")
        if "extensions" in keys
        else {},
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
        trial="try" in keys and keys["try"].boolean("snapshot.try"),
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


def _jobs(keys: Mapping[str, Node]) -> dict[str, Job]:
    # Every command reads the settings; who has no jobs does not pay for them.
    from datamask.config.jobs import read_jobs

    return read_jobs(
        keys["jobs"],
        environments=_written(keys, "environments"),
        channels=_written(keys, "notify"),
        is_name=_is_name,
    )


def _channels(keys: Mapping[str, Node], root: Path) -> dict[str, Channel]:
    from datamask.config.notify import read_channels

    return read_channels(keys["notify"], root, jobs=_written(keys, "jobs"), is_name=_is_name)


def _written(keys: Mapping[str, Node], section: str) -> list[str]:
    return [name for name, _, _ in keys[section].items] if section in keys else []


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


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
