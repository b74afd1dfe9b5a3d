"""What a load is to do, and what it has to tell when it is done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from datamask.load.content import Content, content_of
from datamask.load.guards import Target
from datamask.load.hooks import Surroundings
from datamask.load.marks import Marks
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest
from datamask.store.protocol import Folder


@dataclass(frozen=True, slots=True)
class Order:
    """A load as it was asked for.

    :param folder: the snapshot's folder.
    :param confirm: the environment's name, said twice.
    :param pinned: resets go back to this snapshot, whatever the configured baseline says.
    :param trust_golden: where the snapshot's golden is there, its files need not be read.
    :param workers: processes for a build; a clone needs none.
    :param admitted: when the snapshot went through the gates of an environment that has some.
    :param creating: the database is to be made, so it must not be there.
    :param expires: of a branch, when it may be dropped, UTC, ISO 8601.
    :param output: show what hooks print.
    """

    target: Target
    manifest: Manifest
    folder: Folder
    confirm: str | None
    pinned: bool
    trust_golden: bool
    workers: int
    progress: Progress
    admitted: str | None = None
    creating: bool = False
    expires: str | None = None
    output: bool = True

    @property
    def content(self) -> Content:
        """What the environment will hold."""
        return content_of(self.manifest, self.target.recipe)

    @property
    def surroundings(self) -> Surroundings:
        """What hooks are told."""
        return Surroundings(self.target.environment.partition("/")[0], self.manifest.id, self.output)

    def marks(self, before: Marks) -> Marks:
        """What the environment's database will say of itself.

        :param before: what it said: a branch keeps its time.
        """
        return Marks(
            environment=self.target.environment,
            snapshot=self.manifest.id,
            digest=self.manifest.digest,
            pinned=self.pinned,
            loaded=datetime.now(UTC).isoformat(timespec="seconds"),
            admitted=self.admitted,
            recipe=self.target.recipe.digest or None,
            expires=self.expires or before.expires,
        )


@dataclass
class Run:
    """A load while it runs."""

    warnings: list[str] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.phases[name] = round(time.monotonic() - begun, 3)
