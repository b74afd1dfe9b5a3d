"""One prefix of a bucket, by way of obstore: whole objects, clear errors, and the bucket's own clock.

obstore is imported where a bucket is first used: who keeps snapshots in a folder need not have it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from secrets import token_hex
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from datamask.errors import DatamaskError, UsageError, VerificationError
from datamask.store.bucket_errors import missing_object, translate
from datamask.store.credentials import aws_options

if TYPE_CHECKING:
    from obstore.store import ObjectStore as Client

SCHEMES = ("s3", "gs", "az")

# What decides how a client connects.
_VARIABLES = ("AWS_", "GOOGLE_", "AZURE_")

# A request that fails for a reason that may pass (a lost connection, 429, 5xx) is tried again this often, and for
# this long at the most, waiting longer each time.
_RETRIES = 6
_RETRY_SECONDS = 90.0
_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 10.0
_CONNECT_SECONDS = 10.0
_REQUEST_SECONDS = 300.0

# Larger objects go up in parts of this size, each tried again by itself, few enough at once to bound memory.
_PART_BYTES = 16 << 20
_PARTS_AT_ONCE = 4

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Object:
    """An object that a listing found."""

    path: str
    bytes: int
    modified: datetime


class Bucket:
    """Objects below one prefix. Picklable: another process opens connections of its own.

    :param url: ``s3://bucket/prefix``, ``gs://bucket/prefix`` or ``az://container/prefix``.
    :param opened: an obstore client that stands for the URL; such a bucket stays in its process.
    :raises UsageError: where the URL is none of these.
    """

    def __init__(self, url: str, *, opened: Client | None = None) -> None:
        if opened is None:
            _check(url)
        self.url = url.rstrip("/")
        self._opened = opened

    def __reduce__(self) -> tuple[type[Bucket], tuple[str]]:
        return (Bucket, (self.url,))

    def get(self, path: str) -> bytes:
        """An object's content.

        :raises VerificationError: where there is none of that name.
        """
        with self._access("read", path):
            return bytes(_obstore().get(self._client(), path).bytes())

    def blocks(self, path: str) -> Iterator[bytes]:
        """An object's content in pieces of about a megabyte.

        :raises VerificationError: where there is none of that name.
        """
        with self._access("read", path):
            stream = iter(_obstore().get(self._client(), path).stream(min_chunk_size=_BLOCK_BYTES))
        while True:
            with self._access("read", path):
                block = next(stream, None)
            if block is None:
                return
            yield bytes(block)

    def put(self, path: str, data: bytes | memoryview) -> None:
        """Write an object whole, over one that is there."""
        with self._access("write to"):
            _obstore().put(self._client(), path, data, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE)

    def put_new(self, path: str, data: bytes) -> bool:
        """Write an object unless there is one of that name.

        :returns: whether it was written; of several writers at once, one is told so.
        """
        from obstore.exceptions import AlreadyExistsError

        with self._access("write to"), suppress(AlreadyExistsError):
            _obstore().put(self._client(), path, data, mode="create")
            return True
        return False

    def objects(self, prefix: str) -> list[Object]:
        """All objects below a prefix, which is a folder's name."""
        with self._access("list"):
            return [
                Object(item["path"], item["size"], item["last_modified"])
                for page in _obstore().list(self._client(), prefix=prefix)
                for item in page
            ]

    def folders(self) -> list[str]:
        """The names right below the URL that objects lie under, sorted."""
        with self._access("list"):
            found = _obstore().list_with_delimiter(self._client())["common_prefixes"]
        return sorted(name.rstrip("/") for name in found)

    def size(self, path: str) -> int | None:
        """An object's bytes, None where there is none of that name."""
        with self._access("read"), suppress(FileNotFoundError):
            return int(_obstore().head(self._client(), path)["size"])
        return None

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects; those that are gone already are no error."""
        with self._access("delete from"), suppress(FileNotFoundError):
            if paths:
                _obstore().delete(self._client(), [*paths])

    def now(self) -> datetime:
        """The time by the bucket's own clock, which objects' ages are measured by.

        It takes writing, asking for and deleting an object, so it also tells whether one may.
        """
        path = f".clock-{token_hex(8)}"
        self.put(path, b"")
        with self._access("read"):
            modified: datetime = _obstore().head(self._client(), path)["last_modified"]
        self.delete([path])
        return modified

    def _client(self) -> Client:
        if self._opened is not None:
            return self._opened
        variables = tuple(sorted(item for item in os.environ.items() if item[0].startswith(_VARIABLES)))
        return _client(self.url, variables)

    @contextmanager
    def _access(self, verb: str, path: str | None = None) -> Iterator[None]:
        """Turn the library's errors into datamask's.

        :param path: an object that has to be there.
        """
        try:
            yield
        except DatamaskError:
            raise
        except Exception as error:
            if path is not None and missing_object(error):
                raise VerificationError(
                    f"{self.url}/{path} is not there",
                    hint="has the snapshot been deleted meanwhile? datamask snapshots list shows those there are",
                ) from None
            # "from None": what the library says quotes requests, and what a server says back.
            raise translate(error, verb, self.url) from None


def _check(url: str) -> None:
    """:raises UsageError: for what is not the URL of a bucket."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise UsageError(
            f"the store {parts.scheme}://… is none that datamask knows",
            hint="write a folder, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            "the store's url may hold a bucket and a prefix, and nothing else",
            hint="credentials come from the environment: AWS_ACCESS_KEY_ID, GOOGLE_APPLICATION_CREDENTIALS, …",
        )


def _obstore() -> ModuleType:
    try:
        import obstore
    except ImportError:
        raise DatamaskError(
            "a store in a bucket needs the package obstore, which is not installed",
            hint="pip install 'datamask[object-store]'",
        ) from None
    return obstore


@cache
def _client(url: str, variables: tuple[tuple[str, str], ...]) -> Client:
    """The client for a URL; one a process, so that its connections are used again.

    :param variables: what the environment says of credentials and endpoints.
    """
    _obstore()
    from obstore.store import AzureStore, GCSStore, S3Store

    parts = urlsplit(url)
    environ = dict(variables)
    options: dict[str, Any] = {
        "prefix": parts.path.strip("/") or None,
        "client_options": _options(environ),
        "retry_config": {
            "max_retries": _RETRIES,
            "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
            "backoff": {
                "init_backoff": timedelta(seconds=_FIRST_WAIT_SECONDS),
                "max_backoff": timedelta(seconds=_LONGEST_WAIT_SECONDS),
                "base": 2,
            },
        },
    }
    try:
        match parts.scheme:
            case "s3":
                return S3Store(parts.netloc, **options, **aws_options(environ))
            case "gs":
                return GCSStore(parts.netloc, **options)
            case _:
                return AzureStore(parts.netloc, **options)
    except DatamaskError:
        raise
    except Exception as error:
        raise translate(error, "open", url) from None


def _options(environ: dict[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {
        "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
        # Of one request with its whole body: a slow line must be able to carry a part.
        "timeout": timedelta(seconds=_REQUEST_SECONDS),
        "user_agent": "datamask",
    }
    endpoints = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT")
    if any(environ.get(name, "").startswith("http://") for name in endpoints):
        options["allow_http"] = True
    bundle = environ.get("AWS_CA_BUNDLE")
    if bundle:
        try:
            options["root_certificate"] = Path(bundle).read_bytes()
        except OSError as error:
            raise UsageError(f"AWS_CA_BUNDLE: {bundle} cannot be read: {error.strerror}") from None
    return options
