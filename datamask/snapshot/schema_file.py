"""The state of a snapshot's schema as one more of its files: what `datamask drift` compares an environment with."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from datamask.catalog.schema_reader import read_schema_state
from datamask.catalog.schema_state import SchemaState, dump_state, load_state
from datamask.db.session import Session
from datamask.errors import DatamaskError, UsageError
from datamask.snapshot.manifest import DataFile, Manifest
from datamask.snapshot.verify import require_same
from datamask.store.protocol import Folder

STATE_FILE = "schema_state.json"


def read_source_state(session: Session) -> bytes | str:
    """The state of the source's schema, as the file's content.

    :param session: the leader's, in the transaction that has exported its snapshot: one connection more might be
        one too many for its role. Whatever goes wrong here, the transaction stays whole.
    :returns: a sentence that says why there is none, where the catalog could not be read.
    """
    session.script("SAVEPOINT datamask_schema_state")
    try:
        return dump_state(read_schema_state(session))
    except DatamaskError as error:
        # A connection that is lost is told by whoever needs it next.
        with suppress(DatamaskError):
            session.script("ROLLBACK TO SAVEPOINT datamask_schema_state")
        return f"the schema's state could not be read, so drift cannot be told from this snapshot: {error.message}"


def described(content: bytes) -> DataFile:
    """The file as the manifest has it."""
    return DataFile(STATE_FILE, 0, len(content), hashlib.sha256(content).hexdigest())


def snapshot_state(folder: Folder, manifest: Manifest) -> SchemaState:
    """The state that a snapshot holds, its digest checked.

    :raises UsageError: where it holds none.
    :raises VerificationError: where the file is not what was written.
    """
    if manifest.state is None:
        raise UsageError(
            f"snapshot {manifest.id} holds no schema state to compare with",
            hint="take a new snapshot, or save a baseline: datamask drift ENV --save FILE",
        )
    content = folder.read(manifest.state.path)
    require_same(manifest.state, content)
    return load_state(content, where=f"{folder}/{manifest.state.path}")
