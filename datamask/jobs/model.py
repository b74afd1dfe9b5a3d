"""What a job is: steps in order, and what holds for all of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from datamask.jobs.retention import Keep
from datamask.jobs.schedule import Schedule
from datamask.jobs.window import Window

CatchUp = Literal["skip", "once"]
CATCH_UPS: tuple[CatchUp, ...] = ("skip", "once")

Argument = Literal["environment", "snapshot", "channel"]

# The first pause before a step is tried again, in seconds; each further one is twice as long.
BACKOFF_SECONDS = 30.0
LONGEST_BACKOFF_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb as a step of a job.

    :param argument: what stands behind the verb's name.
    :param optional: it may be left out.
    :param options: further keys that the step takes.
    :param needed: those of them that it cannot do without.
    :param repeatable: trying it again after a failure does no harm: it only reads, or leaves its target
        as it was when it fails.
    """

    name: str
    argument: Argument
    optional: bool = False
    options: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    repeatable: bool = True


_KNOWN = (
    Verb("snapshot", "environment", options=("policy",)),
    Verb("verify", "snapshot", optional=True),
    Verb("load", "environment", options=("from", "confirm")),
    Verb("reset", "environment", options=("confirm",)),
    Verb("seed", "environment", options=("scenario", "confirm"), needed=("scenario",)),
    Verb("drift", "environment", options=("against",)),
    # A gate that refuses, or a person's approval, is nothing that trying again would change.
    Verb("promote", "environment", options=("from", "confirm"), repeatable=False),
    Verb("notify", "channel", options=("message",), repeatable=False),
)

VERBS: Mapping[str, Verb] = {verb.name: verb for verb in _KNOWN}
"""The verbs that a job can chain, by name."""

PRUNE = "prune"
"""The step that ``keep`` adds behind the others."""


@dataclass(frozen=True, slots=True)
class Step:
    """One verb of a job.

    :param number: counts from 1.
    :param target: what stands behind the verb: an environment, a snapshot, a channel.
    :param timeout: seconds, None for no limit of its own.
    :param retries: how often it is tried again; 0 where that would not be safe.
    """

    number: int
    verb: str
    target: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    retries: int = 0

    @property
    def label(self) -> str:
        """As people name it: ``load staging``."""
        return f"{self.verb} {self.target}" if self.target else self.verb


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job takes at most, where it differs from the project's own limits.

    :param max_bytes_per_second: of COPY text.
    """

    workers: int | None = None
    max_rows_per_second: int | None = None
    max_bytes_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A named chain of verbs.

    :param schedule: when it is due, None for a job that only people start.
    :param window: when its steps may begin.
    :param timeout: seconds for all steps together.
    :param backoff: seconds before a step is tried again for the first time.
    :param catch_up: what ``run --due`` does about a time that was missed.
    :param keep: which of the snapshots of its policies stay.
    :param max_age: seconds after which ``status`` calls its last success stale.
    """

    name: str
    steps: tuple[Step, ...]
    schedule: Schedule | None = None
    window: Window | None = None
    timeout: float | None = None
    backoff: float = BACKOFF_SECONDS
    catch_up: CatchUp = "skip"
    keep: Keep | None = None
    limits: Limits = Limits()
    max_age: float | None = None


def pause(backoff: float, attempt: int) -> float:
    """Seconds to wait before attempt ``attempt + 1``: exponential back-off with an upper limit.

    :param attempt: how often the step was tried, 1 or more.
    """
    # The exponent is bounded, as a float is.
    return min(backoff * 2.0 ** min(attempt - 1, 60), max(backoff, LONGEST_BACKOFF_SECONDS))
