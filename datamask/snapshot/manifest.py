"""The manifest: everything that is known of a snapshot without opening its data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from datamask.errors import VerificationError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file.

    :param path: inside the snapshot's folder.
    :param bytes: its size.
    :param sha256: of its content, in hex.
    """

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ManifestColumn:
    """One stored column.

    :param type: PostgreSQL's name of the type.
    :param data_class: its classification, None where it had none.
    :param transform: ``keep`` where the values are the source's.
    """

    name: str
    type: str
    data_class: str | None
    transform: str


@dataclass(frozen=True, slots=True)
class ManifestTable:
    """One table's part of the snapshot.

    :param rows: rows stored; those of a table without columns are counted here alone.
    :param selection: ``all``, ``none``, or the condition or sample that chose the rows.
    :param text_bytes: size of the rows as COPY text, before masking.
    :param extension: the extension that makes the table and may put rows of its own into it; those stored
        here come on top.
    """

    schema: str
    name: str
    key: str
    columns: tuple[ManifestColumn, ...]
    rows: int
    text_bytes: int
    selection: str
    files: tuple[DataFile, ...]
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class ManifestSequence:
    """Where a sequence stands."""

    schema: str
    name: str
    last_value: int
    is_called: bool


@dataclass(frozen=True, slots=True)
class ManifestView:
    """A materialized view, in the order in which they must be refreshed."""

    schema: str
    name: str
    populated: bool


@dataclass(frozen=True, slots=True)
class ManifestExtension:
    """An extension that the schema needs."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """Which database a snapshot was taken from, as guard rails compare it.

    :param system_identifier: of the cluster, None where the role could not read it.
    """

    environment: str
    system_identifier: str | None
    database_oid: int
    database: str
    server_version: int
    encoding: str
    locale_provider: str
    collate: str
    ctype: str
    locale: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A snapshot, described.

    :param id: sortable by time, unique.
    :param created: UTC, ISO 8601.
    :param masked: True where a policy without errors decided over every column.
    :param policy: the policy's name.
    :param plan: digest of the compiled plan.
    :param key_id: fingerprint of the masking key, None where no transform needed one.
    :param schema_sha256: digest of ``schema.sql``.
    :param warnings: what the reader should know, such as tables that a standby cannot read.
    :param state: the file with the schema's state, None in a snapshot without one, whose manifest says nothing of it.
    """

    id: str
    created: str
    project: str
    datamask: str
    source: SourceIdentity
    masked: bool
    policy: str
    plan: str
    key_id: str | None
    tables: tuple[ManifestTable, ...]
    sequences: tuple[ManifestSequence, ...]
    materialized_views: tuple[ManifestView, ...]
    extensions: tuple[ManifestExtension, ...]
    schema_sha256: str
    schema_bytes: int
    seconds: float
    warnings: tuple[str, ...] = ()
    state: DataFile | None = None
    format: int = FORMAT
    kind: Literal["datamask snapshot"] = field(default="datamask snapshot")

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def files(self) -> tuple[DataFile, ...]:
        """Every file but ``schema.sql`` and the manifest: the data of all tables, and the schema's state."""
        data = tuple(file for table in self.tables for file in table.files)
        return data if self.state is None else (*data, self.state)

    @property
    def bytes(self) -> int:
        """Size of the artifact without its manifest."""
        return self.schema_bytes + sum(file.bytes for file in self.files)

    @property
    def text_bytes(self) -> int:
        """Size of all rows as COPY text."""
        return sum(table.text_bytes for table in self.tables)

    @property
    def masked_columns(self) -> int:
        """Number of columns that a transform covers."""
        return sum(column.transform != "keep" for table in self.tables for column in table.columns)

    @property
    def digest(self) -> str:
        """SHA-256 over the manifest's content, and by its checksums over every byte of the snapshot."""
        return hashlib.sha256(_canonical(_content(self))).hexdigest()


def dump(manifest: Manifest) -> bytes:
    """The manifest as the JSON that is stored: its content and its own digest."""
    content = {**_content(manifest), "digest": manifest.digest}
    return json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"


def load(data: bytes, *, where: str) -> Manifest:
    """Read a stored manifest and check its digest.

    :param where: for messages: the file it was read from.
    :raises VerificationError: for damaged content, or a format that this version does not know.
    """
    damaged = VerificationError(
        f"{where} is damaged: it is not what was written", hint="take the snapshot again, or restore the file"
    )
    try:
        content = json.loads(data)
        number = content["format"]
        if content["kind"] != "datamask snapshot":
            raise damaged
    except (ValueError, KeyError, TypeError):
        raise damaged from None
    if number != FORMAT:
        raise VerificationError(
            f"{where} has format {number}, and this datamask reads format {FORMAT}",
            hint="use the datamask that wrote it, or a newer one",
        )
    digest = content.pop("digest", None)
    if digest != hashlib.sha256(_canonical(content)).hexdigest():
        raise damaged
    try:
        return _manifest(content)
    except (KeyError, TypeError):
        raise damaged from None


def _content(manifest: Manifest) -> dict[str, Any]:
    content = asdict(manifest)
    if manifest.state is None:
        # As it was written before there were states: the same digest stands for the same snapshot.
        del content["state"]
    return content


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _manifest(content: dict[str, Any]) -> Manifest:
    tables = tuple(
        ManifestTable(
            **{
                **table,
                "columns": tuple(ManifestColumn(**column) for column in table["columns"]),
                "files": tuple(DataFile(**file) for file in table["files"]),
            }
        )
        for table in content["tables"]
    )
    known = {item.name for item in fields(Manifest)}
    return Manifest(
        **{
            **{name: value for name, value in content.items() if name in known},
            "source": SourceIdentity(**content["source"]),
            "tables": tables,
            "sequences": tuple(ManifestSequence(**item) for item in content["sequences"]),
            "materialized_views": tuple(ManifestView(**item) for item in content["materialized_views"]),
            "extensions": tuple(ManifestExtension(**item) for item in content["extensions"]),
            "warnings": tuple(content["warnings"]),
            "state": DataFile(**content["state"]) if "state" in content else None,
        }
    )
