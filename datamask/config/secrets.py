"""References to secrets: a configuration names where a secret is, and never holds it.

``env:NAME``
    an environment variable;
``file:PATH``
    a file's content without its last line break, PATH relative to the configuration file; it should be
    readable by its owner only;
``command:PROGRAM ARGUMENTS``
    what a program prints, without the last line break; split as a shell would, but run without one, in
    the configuration file's folder;
``keyring:SERVICE/NAME``
    the operating system's keyring (macOS Keychain, Secret Service, Windows Credential Locker), through
    the package ``keyring``.
"""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from datamask.config.document import Node
from datamask.errors import DatamaskError, UsageError

Scheme = Literal["env", "file", "command", "keyring"]

_SCHEMES = ("env", "file", "command", "keyring")
_REFERENCE = re.compile(r"([a-z]+):(?!//)(.*)", re.DOTALL)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# A vault that asks a person for a second factor takes its time; a hanging one must still end.
_COMMAND_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is; shows the reference, as it holds no secret itself.

    :param root: the folder that a ``file:`` path and a ``command:`` start from.
    """

    scheme: Scheme
    target: str = field(repr=False)
    root: Path

    def __str__(self) -> str:
        if self.scheme == "command":
            # Arguments may name things that are nobody else's business.
            return f"command:{shlex.split(self.target)[0]} …"
        return f"{self.scheme}:{self.target}"

    def resolve(self, environ: Mapping[str, str] = os.environ) -> bytes:
        """The secret.

        :raises UsageError: where it cannot be had or is empty; nothing of its content is shown, nor
            anything that a command wrote.
        """
        match self.scheme:
            case "env":
                secret = self._variable(environ)
            case "file":
                secret = self._file()
            case "command":
                secret = self._command()
            case "keyring":
                secret = (keyring_module().get_password(*self.keyring_entry()) or "").encode()
        if not secret:
            raise UsageError(f"{self} gives an empty secret", hint="set it, or refer to another place")
        return secret

    def resolve_text(self, environ: Mapping[str, str] = os.environ) -> str:
        """As ``resolve``, for a secret that is UTF-8 text."""
        try:
            return self.resolve(environ).decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"{self} does not give UTF-8 text") from None

    def keyring_entry(self) -> tuple[str, str]:
        """Service and name of an entry of the keyring."""
        service, _, name = self.target.partition("/")
        return service, name

    def file_path(self) -> Path:
        """The file of a ``file:`` reference."""
        return self.root / Path(self.target).expanduser()

    def _variable(self, environ: Mapping[str, str]) -> bytes:
        value = environ.get(self.target)
        if value is None:
            raise UsageError(
                f"the environment variable {self.target} is not set", hint=f"export {self.target}=…"
            )
        return os.fsencode(value)

    def _file(self) -> bytes:
        path = self.file_path()
        try:
            return _without_line_break(path.read_bytes())
        except OSError as error:
            raise UsageError(f"the secret file {path} cannot be read: {error.strerror}") from None

    def _command(self) -> bytes:
        arguments = shlex.split(self.target)
        # Only the program is named: its arguments are the user's business.
        program = arguments[0]
        try:
            result = subprocess.run(
                arguments,
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_COMMAND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UsageError(
                f"the secret command {program!r} did not end within {_COMMAND_SECONDS:g} s"
            ) from None
        except OSError as error:
            raise UsageError(f"the secret command {program!r} cannot be started: {error.strerror}") from None
        if result.returncode != 0:
            raise UsageError(
                f"the secret command {program!r} ended with status {result.returncode}",
                hint="run it by hand to see what it says",
            )
        return _without_line_break(result.stdout)


def is_reference(text: str) -> bool:
    """True where the text has the form of a reference with a known scheme."""
    match = _REFERENCE.fullmatch(text)
    return match is not None and match.group(1) in _SCHEMES


def parse_secret(text: str, root: Path) -> SecretRef:
    """A reference from its text.

    :raises UsageError: where it is no reference; the text is not repeated, as it may be the secret itself.
    """
    forms = "env:NAME, file:PATH, command:PROGRAM … or keyring:SERVICE/NAME"
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise UsageError("a secret must be a reference, not the secret itself", hint=f"write it as {forms}")
    scheme, target = match.group(1), match.group(2).strip()
    if scheme not in _SCHEMES:
        raise UsageError("unknown kind of secret reference", hint=f"write it as {forms}")
    if not target:
        raise UsageError(f"the reference {scheme}: names nothing", hint=f"write it as {forms}")
    if scheme == "env" and not _VARIABLE.fullmatch(target):
        raise UsageError("env: must be followed by a variable's name")
    if scheme == "keyring" and not all(target.partition("/")):
        raise UsageError("keyring: must be followed by a service, a slash and a name")
    if scheme == "command":
        try:
            shlex.split(target)
        except ValueError as error:
            raise UsageError(f"the secret command cannot be split into words: {error}") from None
    return SecretRef(cast(Scheme, scheme), target, root)


def secret_node(node: Node, what: str, root: Path) -> SecretRef:
    """A reference from a document, errors with file and line."""
    text = node.text(what)
    try:
        return parse_secret(text, root)
    except DatamaskError as error:
        raise node.error(f"{what}: {error.message}", error.hint) from None


def keyring_module() -> Any:
    """The package ``keyring``, which is installed with the extra of that name.

    :raises UsageError: where it is not there.
    """
    try:
        return importlib.import_module("keyring")
    except ImportError:
        raise UsageError(
            "keyring: references need the package keyring", hint="pip install 'datamask[keyring]'"
        ) from None


def _without_line_break(content: bytes) -> bytes:
    return content.removesuffix(b"\n").removesuffix(b"\r")
