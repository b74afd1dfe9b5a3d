"""``jobs:`` of ``datamask.yaml``: chains of verbs as typed values, every name in them checked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar, cast

from datamask.config.document import Node
from datamask.config.durations import duration_node
from datamask.config.quantities import size_node
from datamask.jobs.model import (
    BACKOFF_SECONDS,
    CATCH_UPS,
    PRUNE,
    VERBS,
    CatchUp,
    Job,
    Limits,
    Step,
    Verb,
)
from datamask.jobs.retention import Keep
from datamask.jobs.schedule import Schedule, parse_schedule, time_zone
from datamask.jobs.window import Window, parse_window
from datamask.suggest import did_you_mean

JOB_KEYS = (
    "steps", "schedule", "timezone", "window", "timeout", "retries", "backoff", "catch_up", "keep", "limits",
    "max_age",
)  # fmt: skip
KEEP_KEYS = ("last", "daily", "weekly", "monthly")
LIMIT_KEYS = ("workers", "max_rows_per_second", "max_bytes_per_second")
STEP_KEYS = ("timeout", "retries")

_DURATION: dict[str, object] = {"type": "string", "pattern": "^[1-9][0-9]{0,5}\\s*[smhdw]$"}
_RETRIES: dict[str, object] = {"type": "integer", "minimum": 0, "maximum": 20}


def _step_schema(verb: Verb) -> dict[str, object]:
    texts = {key: {"type": "string"} for key in (verb.name, *verb.options)}
    return {
        "type": "object",
        "properties": {**texts, "timeout": _DURATION, "retries": _RETRIES},
        "required": [verb.name, *verb.needed],
        "additionalProperties": False,
    }


def _job_schema() -> dict[str, object]:
    words = [verb.name for verb in VERBS.values() if verb.optional]
    return {
        "type": "object",
        "properties": {
            "steps": {
                "type": "array",
                "minItems": 1,
                "items": {"anyOf": [{"enum": words}, *map(_step_schema, VERBS.values())]},
            },
            "schedule": {"type": "string", "description": "A cron expression of five fields."},
            "timezone": {
                "type": "string",
                "description": "Of schedule and window: Europe/Berlin; by default UTC.",
            },
            "window": {"type": "string", "description": "When steps may begin: 22:00-05:00."},
            "timeout": {**_DURATION, "description": "Of all steps together."},
            "retries": {**_RETRIES, "description": "Of each step that can be tried again safely."},
            "backoff": {
                **_DURATION,
                "description": "Before the first retry; each further one takes twice as long.",
            },
            "catch_up": {"enum": list(CATCH_UPS), "description": "What becomes of a time that was missed."},
            "keep": {
                "type": "object",
                "properties": {name: {"type": "integer", "minimum": 1} for name in KEEP_KEYS},
                "minProperties": 1,
                "additionalProperties": False,
                "description": "Which snapshots of the job's policies stay.",
            },
            "limits": {
                "type": "object",
                "properties": {
                    "workers": {"type": "integer", "minimum": 1, "maximum": 1024},
                    "max_rows_per_second": {"type": "integer", "minimum": 1},
                    "max_bytes_per_second": {"type": ["integer", "string"]},
                },
                "additionalProperties": False,
            },
            "max_age": {**_DURATION, "description": "After which status calls the last success stale."},
        },
        "required": ["steps"],
        "additionalProperties": False,
    }


SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": _job_schema(),
    "description": "Chains of verbs by name, for `datamask run`.",
}
"""The JSON Schema of the section."""

_MOST_RETRIES = 20

Made = TypeVar("Made")


def read_jobs(
    node: Node, *, environments: Collection[str], channels: Collection[str], is_name: Callable[[str], bool]
) -> dict[str, Job]:
    """The jobs that a document says.

    :param environments: names that steps may use.
    :param channels: names of ``notify`` that steps may use.
    :param is_name: whether a text can be a job's name.
    :raises UsageError: naming file and line.
    """
    node.mapping("jobs")
    jobs = {}
    for name, _, child in node.items:
        if not is_name(name):
            raise node.key_error(
                name,
                f"{name!r} cannot be a job's name",
                "use up to 40 letters, digits, - and _, beginning with a letter",
            )
        jobs[name] = _job(name, child, environments, channels)
    return jobs


def _job(name: str, node: Node, environments: Collection[str], channels: Collection[str]) -> Job:
    what = f"jobs.{name}"
    keys = node.mapping(what, JOB_KEYS)
    if "steps" not in keys or not keys["steps"].sequence(f"{what}.steps"):
        raise node.error(f"{what} has no steps", "write steps: [{snapshot: production}, verify]")
    retries = (
        keys["retries"].integer(f"{what}.retries", minimum=0, maximum=_MOST_RETRIES)
        if "retries" in keys
        else 0
    )
    steps = tuple(
        _step(number, child, f"{what}.steps", environments, channels, retries)
        for number, child in enumerate(keys["steps"].sequence(f"{what}.steps"), start=1)
    )
    zone = keys["timezone"].text(f"{what}.timezone") if "timezone" in keys else "UTC"
    if "timezone" in keys:
        _parsed(keys["timezone"], f"{what}.timezone", time_zone)
    keep = _keep(keys["keep"], f"{what}.keep") if "keep" in keys else None
    if keep is not None and all(step.verb != "snapshot" for step in steps):
        raise keys["keep"].error(
            f"{what}.keep is about the snapshots that the job takes, and it takes none",
            "remove it, or use `datamask snapshots prune`",
        )
    schedule = _schedule(keys["schedule"], f"{what}.schedule", zone) if "schedule" in keys else None
    window = _window(keys["window"], f"{what}.window", zone) if "window" in keys else None
    if schedule and window and not schedule.meets(window.contains):
        raise keys["schedule"].error(
            f"{what}.schedule: the job is never due inside its window, {window}",
            "change the one or the other",
        )
    return Job(
        name,
        steps,
        schedule=schedule,
        window=window,
        timeout=_seconds(keys.get("timeout"), f"{what}.timeout"),
        backoff=_seconds(keys.get("backoff"), f"{what}.backoff") or BACKOFF_SECONDS,
        catch_up=cast(CatchUp, keys["catch_up"].choice(f"{what}.catch_up", CATCH_UPS))
        if "catch_up" in keys
        else "skip",
        keep=keep,
        limits=_limits(keys["limits"], f"{what}.limits") if "limits" in keys else Limits(),
        max_age=_seconds(keys.get("max_age"), f"{what}.max_age"),
    )


def _step(
    number: int,
    node: Node,
    what: str,
    environments: Collection[str],
    channels: Collection[str],
    retries: int,
) -> Step:
    verb, argument = _verb(node, what)
    what = f"{what}[{number}]"
    keys = node.mapping(what, (verb.name, *verb.options, *STEP_KEYS)) if isinstance(node.value, dict) else {}
    target = argument.text(f"{what}.{verb.name}") if argument is not None else None
    if argument is not None and target is not None:
        known = {"environment": environments, "channel": channels}.get(verb.argument)
        if known is not None and target not in known:
            raise argument.error(
                f"{what}: there is no {'environment' if verb.argument == 'environment' else 'channel of notify'}"
                f" {target!r}",
                did_you_mean(target, known),
            )
    elif not verb.optional:
        raise node.error(f"{what}: {verb.name} of what?", f"write {verb.name}: and a {verb.argument}")
    for name in verb.needed:
        if name not in keys:
            raise node.error(f"{what}: {verb.name} takes a {name}", f"write {name}: below {verb.name}:")
    own_retries = keys.get("retries")
    if own_retries is not None:
        retries = own_retries.integer(f"{what}.retries", minimum=0, maximum=_MOST_RETRIES)
        if retries and not verb.repeatable:
            raise own_retries.error(f"{what}: {verb.name} is not tried again", "remove retries")
    return Step(
        number,
        verb.name,
        target,
        {name: keys[name].text(f"{what}.{name}") for name in verb.options if name in keys},
        timeout=_seconds(keys.get("timeout"), f"{what}.timeout"),
        retries=retries if verb.repeatable else 0,
    )


def _verb(node: Node, what: str) -> tuple[Verb, Node | None]:
    """The verb of a step, and what stands behind it."""
    if not isinstance(node.value, dict):
        word = node.text(f"a step of {what}")
        return _known_verb(node, word, what), None
    named = [name for name in node.value if name in VERBS]
    if not named:
        # The first key is what its writer takes for the verb.
        _known_verb(node, next(iter(node.value), ""), what)
    if len(named) > 1:
        raise node.error(
            f"a step of {what} has two verbs: {' and '.join(named)}",
            "make two steps of them, with - before each",
        )
    return VERBS[named[0]], node.value[named[0]]


def _known_verb(node: Node, word: str, what: str) -> Verb:
    if word == PRUNE:
        raise node.error(f"{what}: prune is no step", "the job's `keep:` says which snapshots stay")
    if word not in VERBS:
        raise node.error(
            f"{what}: {word!r} is no verb that a job of this version can have",
            did_you_mean(word, VERBS) or f"it can have {', '.join(VERBS)}",
        )
    return VERBS[word]


def _seconds(node: Node | None, what: str) -> float | None:
    return None if node is None else duration_node(node, what).total_seconds()


def _schedule(node: Node, what: str, zone: str) -> Schedule:
    return _parsed(node, what, lambda text: parse_schedule(text, zone))


def _window(node: Node, what: str, zone: str) -> Window:
    return _parsed(node, what, lambda text: parse_window(text, zone))


def _parsed(node: Node, what: str, parse: Callable[[str], Made]) -> Made:
    text = node.text(what)
    try:
        return parse(text)
    except ValueError as error:
        raise node.error(f"{what}: {error}") from None


def _keep(node: Node, what: str) -> Keep:
    keys = node.mapping(what, KEEP_KEYS)
    keep = Keep(**{name: child.integer(f"{what}.{name}", minimum=1) for name, child in keys.items()})
    if keep == Keep():
        raise node.error(f"{what} says nothing", "write keep: {last: 3, daily: 7, weekly: 4}")
    return keep


def _limits(node: Node, what: str) -> Limits:
    keys = node.mapping(what, LIMIT_KEYS)
    workers, rows, size = (keys.get(name) for name in LIMIT_KEYS)
    return Limits(
        workers=workers.integer(f"{what}.workers", minimum=1, maximum=1024) if workers else None,
        max_rows_per_second=rows.integer(f"{what}.max_rows_per_second", minimum=1) if rows else None,
        max_bytes_per_second=size_node(size, f"{what}.max_bytes_per_second", minimum=1 << 10)
        if size
        else None,
    )
