"""Connection service files, read as libpq reads them: ``service=prod`` stands for parameters in a file.

libpq does this by itself when it connects. It is done here as well so that its meaning is known before:
which database a load replaces, and whether two addresses are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path


def service_parameters(name: str, *, file: str | None = None, environ: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a service; empty where it is in no file that can be read here.

    Looked for in the file named, else in ``PGSERVICEFILE``, else in ``~/.pg_service.conf``; then in the system's file.

    Source: PostgreSQL documentation, "The Connection Service File"; ``parseServiceInfo`` in fe-connect.c.

    :param file: the connection string's own ``servicefile``.
    """
    for path in _files(file, environ):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found = _section(text, name)
        if found is not None:
            return found
    return {}


def _files(file: str | None, environ: Mapping[str, str]) -> Iterator[Path]:
    named = file or environ.get("PGSERVICEFILE")
    yield Path(named) if named else Path.home() / ".pg_service.conf"
    if "PGSYSCONFDIR" in environ:
        yield Path(environ["PGSYSCONFDIR"]) / "pg_service.conf"


def _section(text: str, name: str) -> dict[str, str] | None:
    found: dict[str, str] | None = None
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            if found is not None:
                # The first section of that name is the one that counts.
                return found
            if line.startswith(f"[{name}]"):
                found = {}
        elif found is not None and line and not line.startswith("#") and "=" in line:
            key, _, value = line.partition("=")
            # So is the first line of a key.
            found.setdefault(key, value)
    return found
