"""An S3 server on this machine, and a network between it and whoever uses it that can be cut."""

from __future__ import annotations

import itertools
import logging
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import boto3
from moto.server import ThreadedMotoServer

KEY_ID, SECRET = "datamask-tests", "datamask-tests-secret"

_numbers = itertools.count(1)


@dataclass
class S3Server:
    """A running server.

    :param endpoint: its URL.
    """

    endpoint: str

    @property
    def environ(self) -> dict[str, str]:
        """The variables that every AWS tool reads."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            # Proxies of the machine are not asked about the machine itself.
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def client(self):
        """boto3's client, by which tests look at the bucket and spoil what is in it."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
        )

    def new_bucket(self) -> str:
        """An empty bucket's name."""
        name = f"bucket-{next(_numbers)}"
        self.client().create_bucket(Bucket=name)
        return name

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys of a bucket's objects."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return sorted(item["Key"] for page in pages for item in page.get("Contents", []))


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A server in this process, with all that it holds in memory."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield S3Server(f"http://127.0.0.1:{port}")
    finally:
        server.stop()


@dataclass
class Wire:
    """A relay in front of a server, which can be told to break.

    :param endpoint: the URL to use instead of the server's.
    :param cuts: connections yet to come that break after ``after`` bytes of an answer or a request.
    :param dead: every connection breaks at once.
    """

    endpoint: str
    cuts: int = 0
    after: int = 0
    dead: bool = False
    broken: list[int] = field(default_factory=list)

    def quota(self) -> int | None:
        """Bytes that the next connection may carry, None for any number."""
        if self.dead:
            return 0
        if self.cuts:
            self.cuts -= 1
            self.broken.append(self.after)
            return self.after
        return None


@contextmanager
def wire_to(server: S3Server) -> Iterator[Wire]:
    """A relay to a server."""
    target = ("127.0.0.1", int(server.endpoint.rsplit(":", 1)[1]))

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            quota = wire.quota()
            with suppress(OSError), socket.create_connection(target) as upstream:
                there = threading.Thread(target=pump, args=(self.request, upstream, quota), daemon=True)
                there.start()
                pump(upstream, self.request, quota)
                there.join()

    def pump(source: socket.socket, sink: socket.socket, quota: int | None) -> None:
        left = quota
        with suppress(OSError):
            while data := source.recv(1 << 16 if left is None else max(1, min(left, 1 << 16))):
                if wire.dead or left == 0:
                    break
                sink.sendall(data)
                if left is not None:
                    left -= len(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Relay) as relay:
        wire = Wire(f"http://127.0.0.1:{relay.server_address[1]}")
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        try:
            yield wire
        finally:
            relay.shutdown()
