"""What listens on loopback for tests: a web server that keeps what it is sent, and a mail server that does."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass
class Received:
    """What came.

    :param requests: of the web server: path and body.
    :param mails: of the mail server: recipients and the text with its headers.
    """

    port: int
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    mails: list[tuple[list[str], str]] = field(default_factory=list)


@contextmanager
def web_server(status: int = 200, headers: dict[str, str] | None = None) -> Iterator[Received]:
    """A web server that answers everything with one status."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            received.requests.append((self.path, body))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = do_GET = answer  # noqa: N815

        def log_message(self, *_given: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        received = Received(server.server_address[1])
        yield received


@contextmanager
def mail_server(*, offers: tuple[str, ...] = (), refuses: bool = False) -> Iterator[Received]:
    """A mail server, as far as RFC 5321 is needed.

    :param offers: lines of its answer to EHLO.
    :param refuses: no recipient is good enough.
    """

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 ready")
            recipients: list[str] = []
            for raw in self.rfile:
                line = raw.decode().strip()
                word = line.split(" ")[0].upper()
                if word == "EHLO":
                    lines = ["localhost", *offers]
                    for number, text in enumerate(lines):
                        self.say(f"250{' ' if number == len(lines) - 1 else '-'}{text}")
                elif word == "RCPT":
                    recipients.append(line.partition(":")[2].strip("<>"))
                    self.say("550 no such user" if refuses else "250 ok")
                elif word == "DATA":
                    self.say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                    received.mails.append((recipients, text))
                    self.say("250 ok")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok" if word in ("MAIL", "RSET") else "235 ok")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        received = Received(server.server_address[1])
        yield received


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
