"""Where the embedded server lives and as whom it runs.

PostgreSQL refuses to run as root. Started by root (in a container, say), it runs as a system user of its
own, which must be able to reach its data and its programs; a folder such as ``/root`` lets nobody in.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datamask.errors import DatabaseError

SYSTEM_USER = "pgserver"

# Where root's servers live if their project's folder lets no other user in.
SHARED_STATE = Path("/var/lib/datamask")

# sun_path holds 104 bytes on BSD and macOS, 108 on Linux; the socket's own name takes 18 of them.
_LONGEST_SOCKET_DIRECTORY = 84


@dataclass(frozen=True, slots=True)
class Runner:
    """As whom the server's programs run: ``user`` is None for the current user."""

    user: pwd.struct_passwd | None

    def run(self, command: Sequence[str | Path], timeout: float) -> tuple[int, str]:
        """Run a program to its end; its status and what it wrote.

        Output goes by a file: the server that ``pg_ctl`` leaves behind would hold a pipe open.
        """
        with tempfile.TemporaryFile() as output:
            try:
                result = subprocess.run(
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    env=_clean_environment(),
                    timeout=timeout,
                    check=False,
                    user=None if self.user is None else self.user.pw_uid,
                    group=None if self.user is None else self.user.pw_gid,
                    extra_groups=None if self.user is None else [],
                )
            except subprocess.TimeoutExpired:
                raise DatabaseError(f"{Path(command[0]).name} did not end within {timeout:g} s") from None
            except OSError as error:
                raise DatabaseError(
                    f"{Path(command[0]).name} of the embedded PostgreSQL cannot be started: {error.strerror}"
                ) from None
            output.seek(0)
            return result.returncode, output.read().decode("utf-8", "replace")

    def make_private(self, folder: Path) -> None:
        """Create a folder that only the server's user can enter, or check that it is one."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.is_symlink():
            raise DatabaseError(f"{folder} is a symbolic link; the embedded PostgreSQL needs a folder")
        if self.user is not None:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        elif folder.stat().st_uid != os.geteuid():
            raise DatabaseError(
                f"{folder} belongs to another user", hint="run as that user, or move the folder away"
            )
        folder.chmod(0o700)


def current_runner() -> Runner:
    """The current user; for root the system user, made by ``useradd`` where it does not exist.

    :raises DatabaseError: where there is no such user and none can be made.
    """
    if os.geteuid() != 0:
        return Runner(None)
    try:
        return Runner(pwd.getpwnam(SYSTEM_USER))
    except KeyError:
        pass
    try:
        subprocess.run(
            ["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=True,
            capture_output=True,
        )
        return Runner(pwd.getpwnam(SYSTEM_USER))
    except (OSError, subprocess.CalledProcessError, KeyError):
        raise DatabaseError(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER!r} cannot be made",
            hint=f"run datamask as an ordinary user, or create the user {SYSTEM_USER!r}",
        ) from None


def server_folder(directory: Path, runner: Runner) -> Path:
    """Where the server's files stand: ``directory``, or a place of the system where its user cannot go."""
    if runner.user is None or reachable(directory):
        return directory
    return SHARED_STATE / "embedded" / _digest(directory)


def socket_folder(server: Path) -> Path:
    """A folder for the socket: beside the data, or a short one where that path is too long for sockets."""
    beside = server / "run"
    if len(os.fsencode(beside)) <= _LONGEST_SOCKET_DIRECTORY:
        return beside
    return Path("/tmp") / f"datamask-{os.geteuid()}-{_digest(server)}"


def reachable_programs(folder: Path, runner: Runner) -> Path:
    """The folder of programs, or a copy of the installation where the server's user cannot reach it."""
    if runner.user is None or (reachable(folder) and _open_to_all(folder / "postgres")):
        return folder
    installation = folder.parent
    stamp = _digest(installation) + f"-{(folder / 'postgres').stat().st_mtime_ns:x}"
    copy = SHARED_STATE / "programs" / stamp
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=copy.parent))
        shutil.copytree(installation, draft, dirs_exist_ok=True, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        try:
            draft.rename(copy)
        except OSError:
            # Another process was faster; its copy is as good.
            shutil.rmtree(draft)
    return copy / folder.name


def reachable(path: Path) -> bool:
    """True where every user may pass through all folders on the way to ``path``."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents if parent.exists())


def _open_to_all(program: Path) -> bool:
    return bool(program.stat().st_mode & stat.S_IXOTH) and bool(program.parent.stat().st_mode & stat.S_IXOTH)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def _clean_environment() -> dict[str, str]:
    """Without the variables that point PostgreSQL's programs at some other server."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
        "LC_ALL": "C",
    }
