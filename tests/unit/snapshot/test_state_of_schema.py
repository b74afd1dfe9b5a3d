"""The schema's state as one more file of a snapshot."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from support.manifests import manifest

from datamask.catalog.schema_state import SchemaObject, SchemaState, dump_state
from datamask.errors import UsageError, VerificationError
from datamask.snapshot import manifest as manifests
from datamask.snapshot.schema_file import STATE_FILE, described, snapshot_state

STATE = SchemaState((SchemaObject("table", "public.t", {"owner": "x"}),), "2026-01-01T00:00:00+00:00", "shop")
CONTENT = dump_state(STATE)


class Files:
    """A snapshot's folder in memory."""

    remote = False

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, path: str) -> bytes:
        assert path == STATE_FILE
        return self._content


def test_a_snapshot_without_one_is_as_it_was() -> None:
    made = manifest()
    stored = json.loads(manifests.dump(made))
    assert "state" not in stored
    with pytest.raises(UsageError, match="holds no schema state"):
        snapshot_state(Files(b""), made)  # type: ignore[arg-type]


def test_it_is_one_of_the_files_that_the_digest_stands_for() -> None:
    made = replace(manifest(), state=described(CONTENT))
    assert manifests.load(manifests.dump(made), where="here") == made
    assert [file.path for file in made.files][-1] == STATE_FILE
    assert made.bytes == manifest().bytes + len(CONTENT)
    assert made.digest != manifest().digest
    assert snapshot_state(Files(CONTENT), made).by_key == STATE.by_key  # type: ignore[arg-type]


def test_a_changed_file_is_not_believed() -> None:
    made = replace(manifest(), state=described(CONTENT))
    with pytest.raises(VerificationError, match="checksum differs"):
        snapshot_state(Files(CONTENT.replace(b"x", b"y")), made)  # type: ignore[arg-type]
    content = json.loads(manifests.dump(made))
    content["state"]["sha256"] = "0" * 64
    with pytest.raises(VerificationError, match="is damaged"):
        manifests.load(json.dumps(content).encode(), where="here")
