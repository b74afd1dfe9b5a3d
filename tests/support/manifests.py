"""Manifests and snapshots on disk, made by hand: no database, no worker."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import polars as pl

from datamask.snapshot import manifest as manifests
from datamask.snapshot.manifest import (
    DataFile,
    Manifest,
    ManifestColumn,
    ManifestExtension,
    ManifestSequence,
    ManifestTable,
    ManifestView,
    SourceIdentity,
)
from datamask.snapshot.schema import SCHEMA_FILE
from datamask.store.protocol import Store

SOURCE = SourceIdentity(
    environment="production",
    system_identifier="7300000000000000001",
    database_oid=16384,
    database="shop",
    server_version=180004,
    encoding="UTF8",
    locale_provider="libc",
    collate="C",
    ctype="C",
    locale=None,
)

SCHEMA = "SET client_encoding = 'UTF8';\n"


def data_file(path: str, content: bytes, rows: int = 1) -> DataFile:
    """The manifest's entry for a file of that content."""
    return DataFile(path, rows, len(content), hashlib.sha256(content).hexdigest())


def manifest(**changes: Any) -> Manifest:
    """A whole manifest with one table of two columns; ``changes`` replace its fields."""
    table = ManifestTable(
        schema="public",
        name="Größe",
        key="public.Größe",
        columns=(
            ManifestColumn("id", "integer", "key", "keep"),
            ManifestColumn("email", "text", "person.email", "email"),
        ),
        rows=3,
        text_bytes=60,
        selection="all",
        files=(data_file("data/0000-public.t/00000-000.parquet", b"PAR1", 3),),
    )
    fields: dict[str, Any] = {
        "id": "20260102-030405-abcdef",
        "created": "2026-01-02T03:04:05+00:00",
        "project": "shop",
        "datamask": "0.1.0",
        "source": SOURCE,
        "masked": True,
        "policy": "staging",
        "plan": "p" * 64,
        "key_id": "0123456789ab",
        "tables": (table,),
        "sequences": (ManifestSequence("public", "s", 7, True),),
        "materialized_views": (ManifestView("public", "m", True),),
        "extensions": (ManifestExtension("plpgsql", "1.0"),),
        "schema_sha256": hashlib.sha256(SCHEMA.encode()).hexdigest(),
        "schema_bytes": len(SCHEMA.encode()),
        "seconds": 1.25,
        "warnings": ("something",),
    }
    return Manifest(**{**fields, **changes})


def publish(store: Store, snapshot_id: str, **changes: Any) -> Manifest:
    """A small published snapshot: schema, one data file, manifest."""
    with store.draft(snapshot_id) as draft:
        content = io.BytesIO()
        pl.DataFrame({"id": [1, 2, 3]}).write_parquet(content)
        file = data_file("data/0000-public.t/00000-000.parquet", content.getvalue(), 3)
        sink = draft.sink
        sink.write(SCHEMA_FILE, SCHEMA.encode())
        sink.write(file.path, content.getvalue())
        sink.flush()
        table = ManifestTable(
            "public", "t", "public.t", (ManifestColumn("id", "integer", None, "keep"),), 3, 6, "all", (file,)
        )
        made = manifest(**{"id": snapshot_id, "tables": (table,), **changes})
        draft.publish(manifests.dump(made))
    return made
