"""A service and its timer: systemd.service(5), systemd.timer(5), systemd.time(7)."""

from __future__ import annotations

from datamask.jobs.model import Job
from datamask.jobs.schedule import Fields
from datamask.jobs.units.unit import Place, UnitFile, plain_fields, schedule_of

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")

# What a run gets to clean up after SIGTERM, before SIGKILL.
_STOP_SECONDS = 120


def systemd_files(job: Job, place: Place) -> tuple[UnitFile, ...]:
    """The service and the timer."""
    name = f"datamask-{place.project}-{job.name}"
    command = (place.program, *place.arguments(job, "--log-format", "json"))
    # A timeout that ends the run from outside comes after datamask's own.
    limit = f"{job.timeout + _STOP_SECONDS:.0f}" if job.timeout else "infinity"
    service = [
        "[Unit]",
        f"Description=datamask job {job.name} of {place.project}",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        "Type=oneshot",
        f"User={place.user}",
        f"WorkingDirectory={_specifiers(place.root)}",
    ]
    if place.variables:
        service += [
            f"# It sets {', '.join(place.variables)}, and only root reads it.",
            f"EnvironmentFile=/etc/datamask/{place.project}.env",
        ]
    service += [
        f"ExecStart={' '.join(map(_argument, command))}",
        f"TimeoutStartSec={limit}",
        f"TimeoutStopSec={_STOP_SECONDS}",
        "KillSignal=SIGTERM",
        "KillMode=mixed",
        "NoNewPrivileges=true",
        "PrivateTmp=true",
    ]
    timer = [
        "[Unit]",
        f"Description=datamask job {job.name} of {place.project}, when it is due",
        "",
        "[Timer]",
        *(f"OnCalendar={line}" for line in calendar(job)),
        f"Persistent={'true' if job.catch_up == 'once' else 'false'}",
        "AccuracySec=1s",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return (
        UnitFile(f"{name}.service", "\n".join(service) + "\n"),
        UnitFile(f"{name}.timer", "\n".join(timer) + "\n"),
    )


def calendar(job: Job) -> tuple[str, ...]:
    """The job's schedule as calendar events: several where cron joins two days by *or*."""
    schedule = schedule_of(job)
    fields = plain_fields(job, "systemd")
    minutes = "*" if len(fields.minutes) == 60 else _list(fields.minutes, 2)
    clock = f"{_list(fields.hours, 2)}:{minutes}:00 {schedule.zone}"
    month = _list(fields.months, 2)
    by_date = f"*-{month}-{_list(fields.days, 2)} {clock}"
    if fields.weekdays is None:
        return (by_date,)
    weekdays = ",".join(_DAYS[day] for day in fields.weekdays)
    if _joined_by_or(fields):
        return by_date, f"{weekdays} *-{month}-* {clock}"
    return (f"{weekdays} {by_date}",)


def _joined_by_or(fields: Fields) -> bool:
    return fields.either_day and fields.days is not None


def _list(values: tuple[int, ...] | None, digits: int) -> str:
    return "*" if values is None else ",".join(f"{value:0{digits}}" for value in values)


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _argument(text: str) -> str:
    """One word of a command line; ``$`` and ``%`` mean something there."""
    escaped = _specifiers(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"' if set(escaped) & set(" \t'\"\\;") else escaped
