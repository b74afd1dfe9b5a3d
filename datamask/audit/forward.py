"""Records sent to a syslog: the machine's own, or one over the network."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from datamask.audit.record import Record
from datamask.errors import RefusedError

_LOCAL = "/dev/log"
_PORT = 514


def forward(where: str, record: Record) -> None:
    """Send one record as a message of facility ``authpriv``.

    :param where: ``local``, a socket's path, ``udp://HOST:PORT`` or ``tcp://HOST:PORT``.
    :raises RefusedError: where it cannot be sent; over UDP nobody can tell whether it arrived.
    """
    # Only who has a syslog pays for it.
    import socket
    from logging.handlers import SysLogHandler

    class Sender(SysLogHandler):
        def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - the library's own
            # The library would print it to stderr and go on.
            raise

    address: str | tuple[str, int] = _LOCAL if where == "local" else where
    kind = None
    if "://" in where:
        parts = urlsplit(where)
        address = (parts.hostname or "", parts.port or _PORT)
        kind = socket.SOCK_STREAM if parts.scheme == "tcp" else socket.SOCK_DGRAM
    try:
        sender = Sender(address, SysLogHandler.LOG_AUTHPRIV, kind)
        try:
            sender.ident = "datamask: "
            # Over a stream, a line break ends a message (RFC 6587, section 3.4.2).
            sender.append_nul = kind != socket.SOCK_STREAM
            line = record.line() + ("\n" if kind == socket.SOCK_STREAM else "")
            sender.emit(logging.LogRecord("datamask", logging.INFO, "", 0, "%s", (line,), None))
        finally:
            sender.close()
    except OSError as error:
        raise RefusedError(
            f"the audit record cannot be sent to syslog ({where}): {error.strerror or error}; nothing was done",
            hint="start it, or change audit.syslog in datamask.yaml",
        ) from None
