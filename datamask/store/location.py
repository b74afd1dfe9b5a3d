"""From what ``store`` says in ``datamask.yaml`` to the store."""

from __future__ import annotations

from pathlib import Path

from datamask.store.local import LocalStore
from datamask.store.protocol import Store


def open_store(location: str, *, cache: Path | None = None) -> Store:
    """The store at a folder or a URL; nothing is read or written yet.

    :param cache: a folder for manifests of a store that is far away.
    :raises UsageError: where the URL is of no kind that there is.
    """
    if "://" not in location:
        return LocalStore(Path(location))
    # For a folder none of this is needed.
    from datamask.store.bucket import Bucket
    from datamask.store.objects import ObjectStore

    return ObjectStore(Bucket(location), cache=cache)
