"""Units for schedulers: read back by what the schedulers' own rules are."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.errors import UsageError
from datamask.jobs.model import Job, Step
from datamask.jobs.schedule import Schedule
from datamask.jobs.units.github import in_utc
from datamask.jobs.units.render import SCHEDULERS
from datamask.jobs.units.systemd import calendar
from datamask.jobs.units.unit import Place

PLACE = Place(
    project="shop",
    root="/srv/shop data",
    config="datamask.yaml",
    program="/opt/datamask/bin/datamask",
    user="datamask",
    image="registry.example.com/datamask:1",
    variables=("DATAMASK_KEY", "PRODUCTION_URL"),
)
NIGHTLY = Job(
    "nightly",
    (Step(1, "snapshot", "production"),),
    schedule=Schedule("15 2 * * 1-5", "Europe/Berlin"),
    timeout=7200.0,
    catch_up="once",
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def job(expression: str, zone: str = "UTC", **changes: Any) -> Job:
    return replace(NIGHTLY, schedule=Schedule(expression, zone), **changes)


def texts(scheduler: str, what: Job = NIGHTLY, place: Place = PLACE) -> dict[str, str]:
    return {file.name: file.text for file in SCHEDULERS[scheduler](what, place)}


def test_cron_gets_a_line_that_its_grammar_reads() -> None:
    [(name, text)] = texts("cron").items()
    assert name == "datamask-nightly"
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    settings_lines = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert settings_lines["CRON_TZ"] == "Europe/Berlin"
    assert settings_lines["PATH"].startswith("/opt/datamask/bin:")
    entry, reboot = (line for line in lines if not re.match(r"[A-Z_]+=", line))
    *fields, user, command = re.split(r"\s+", entry, maxsplit=6)
    CronSim(" ".join(fields), START)
    assert " ".join(fields) == "15 2 * * 1-5"
    assert user == "datamask"
    assert command == "cd '/srv/shop data' && /opt/datamask/bin/datamask run nightly --quiet > /dev/null"
    assert reboot == f"@reboot  datamask  {command.replace(' >', ' --due >')}"


def test_cron_is_not_told_of_reboots_where_missed_times_are_skipped() -> None:
    [text] = texts("cron", replace(NIGHTLY, catch_up="skip")).values()
    assert "@reboot" not in text


def test_a_percent_sign_does_not_end_crons_command() -> None:
    [text] = texts("cron", place=replace(PLACE, root="/srv/50%")).values()
    assert r"cd '/srv/50\%' &&" in text or r"cd /srv/50\% &&" in text


def test_systemd_gets_a_service_and_a_timer(tmp_path: Path) -> None:
    files = texts("systemd")
    assert list(files) == ["datamask-shop-nightly.service", "datamask-shop-nightly.timer"]
    service, timer = (sections(text) for text in files.values())
    assert service["Service"]["Type"] == ["oneshot"]
    assert service["Service"]["WorkingDirectory"] == ["/srv/shop data"]
    assert service["Service"]["ExecStart"] == ["/opt/datamask/bin/datamask run nightly --log-format json"]
    assert service["Service"]["TimeoutStartSec"] == ["7320"]
    assert timer["Timer"]["OnCalendar"] == ["Mon,Tue,Wed,Thu,Fri *-*-* 02:15:00 Europe/Berlin"]
    assert timer["Timer"]["Persistent"] == ["true"]
    assert timer["Install"]["WantedBy"] == ["timers.target"]
    analyze = shutil.which("systemd-analyze")
    if analyze:
        for line in timer["Timer"]["OnCalendar"]:
            subprocess.run([analyze, "calendar", line], check=True, capture_output=True)


def sections(text: str) -> dict[str, dict[str, list[str]]]:
    """A unit file as systemd.syntax(7) says: sections, assignments, comments, nothing else."""
    found: dict[str, dict[str, list[str]]] = {}
    current: dict[str, list[str]] | None = None
    for line in text.splitlines():
        if not line or line.startswith(("#", ";")):
            continue
        header = re.fullmatch(r"\[([A-Za-z]+)\]", line)
        if header:
            current = found.setdefault(header.group(1), {})
            continue
        assignment = re.fullmatch(r"([A-Za-z]+)=(.*)", line)
        assert assignment, line
        assert current is not None
        current.setdefault(assignment.group(1), []).append(assignment.group(2))
    return found


def field(lowest: int, highest: int) -> st.SearchStrategy[str]:
    return st.one_of(
        st.just("*"),
        st.lists(st.integers(lowest, highest), min_size=1, max_size=3, unique=True).map(
            lambda values: ",".join(map(str, values))
        ),
    )


expressions = st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)).map(" ".join)


@settings(max_examples=60)
@given(expressions)
def test_systemd_and_cron_agree_on_every_time(expression: str) -> None:
    due = upcoming([expression])
    lines = calendar(job(expression))
    assert all(any(matches(line, moment) for line in lines) for moment in due)
    # And nothing between two of cron's times is one of systemd's.
    assert not any(
        matches(line, moment + timedelta(minutes=1))
        for moment in due
        for line in lines
        if moment + timedelta(minutes=1) not in due and moment != due[-1]
    )


def matches(line: str, moment: datetime) -> bool:
    """Does a calendar event of systemd.time(7), as far as it is used here, elapse at this minute?"""
    match = re.fullmatch(
        r"(?:((?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)(?:,(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat))*) )?"
        r"\*-([\d,*]+)-([\d,*]+) ([\d,*]+):([\d,*]+):00 (\S+)",
        line,
    )
    assert match, line
    weekdays, month, day, hour, minute, _ = match.groups()
    values = ((month, moment.month), (day, moment.day), (hour, moment.hour), (minute, moment.minute))
    return (weekdays is None or moment.strftime("%a") in weekdays.split(",")) and all(
        text == "*" or value in map(int, text.split(",")) for text, value in values
    )


def upcoming(lines: Iterable[str], zone: Any = UTC, count: int = 40) -> list[datetime]:
    found: set[datetime] = set()
    for line in lines:
        times = CronSim(line, START.astimezone(zone))
        found |= {next(times).astimezone(UTC) for _ in range(count)}
    return sorted(found)[:count]


def test_kubernetes_gets_a_cron_job_with_what_the_api_requires() -> None:
    [text] = texts("kubernetes").values()
    document = yaml.safe_load(text)
    assert (document["apiVersion"], document["kind"]) == ("batch/v1", "CronJob")
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?", document["metadata"]["name"])
    spec = document["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("15 2 * * 1-5", "Europe/Berlin")
    assert (spec["concurrencyPolicy"], spec["startingDeadlineSeconds"]) == ("Forbid", 21600)
    one = spec["jobTemplate"]["spec"]
    assert (one["backoffLimit"], one["activeDeadlineSeconds"]) == (0, 7320)
    pod = one["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    [container] = pod["containers"]
    assert container["command"] == ["datamask", "run", "nightly", "--log-format", "json"]
    assert [item["name"] for item in container["env"]] == list(PLACE.variables)
    assert all(item["valueFrom"]["secretKeyRef"]["name"] == "datamask-shop" for item in container["env"])
    assert {item["name"] for item in container["volumeMounts"]} == {item["name"] for item in pod["volumes"]}


def test_github_gets_a_workflow() -> None:
    [(name, text)] = texts("github").items()
    assert name == ".github/workflows/datamask-nightly.yml"
    document = yaml.safe_load(text)
    # To YAML 1.1 the key `on` is a boolean.
    assert document[True]["schedule"] == [{"cron": "15 1 * * 1,2,3,4,5"}]
    assert document["concurrency"] == {"group": "datamask-nightly", "cancel-in-progress": False}
    job_ = document["jobs"]["nightly"]
    assert job_["env"]["DATAMASK_KEY"] == "${{ secrets.DATAMASK_KEY }}"
    assert job_["steps"][-1]["run"] == "datamask run nightly --log-format json"
    assert job_["timeout-minutes"] == 122


@settings(max_examples=60)
@given(
    st.tuples(field(0, 59), field(0, 23), st.just("*"), st.just("*"), field(0, 6)).map(" ".join),
    st.integers(-11 * 4, 13 * 4).map(lambda quarters: timedelta(minutes=15 * quarters)),
)
def test_githubs_times_are_the_jobs_own(expression: str, offset: timedelta) -> None:
    lines = in_utc(job(expression), offset)
    ours = upcoming([expression], timezone(offset), 30)
    theirs = upcoming(lines, UTC, 60)
    # Both lists begin at one instant; each is whole as far as it goes.
    end = min(ours[-1], theirs[-1])
    assert [moment for moment in ours if moment <= end] == [moment for moment in theirs if moment <= end]


def test_github_cannot_say_days_of_the_month_that_move() -> None:
    with pytest.raises(UsageError, match="falls on other days of the month in UTC"):
        texts("github", job("30 0 1 * *", "Europe/Berlin"))
    [text] = texts("github", job("30 2 1 * *", "Europe/Berlin")).values()
    assert '"30 1 1 * *"' in text


@pytest.mark.parametrize("root", ["/srv/shop", "/srv/{{ macros }}/it's", '/srv/"x"'])
def test_airflow_gets_a_dag_that_python_compiles(root: str) -> None:
    [(name, text)] = texts("airflow", place=replace(PLACE, root=root)).items()
    assert name == "datamask_shop_nightly.py"
    tree = ast.parse(text)
    compile(tree, name, "exec")
    calls = {
        node.func.id: {item.arg: item.value for item in node.keywords}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert ast.literal_eval(calls["DAG"]["schedule"]) == "15 2 * * 1-5"
    assert ast.literal_eval(calls["DAG"]["max_active_runs"]) == 1
    assert ast.literal_eval(calls["BashOperator"]["retries"]) == 0
    command = ast.literal_eval(calls["BashOperator"]["bash_command"])
    rendered = re.sub(r"\{\{ '(.*?)' \}\}", r"\1", command)
    words = shlex.split(rendered)
    assert words[:2] == ["cd", root]
    assert words[3:] == ["/opt/datamask/bin/datamask", "run", "nightly", "--log-format", "json"]


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_job_without_a_schedule_has_no_unit(scheduler: str) -> None:
    with pytest.raises(UsageError, match="job nightly has no schedule"):
        SCHEDULERS[scheduler](replace(NIGHTLY, schedule=None), PLACE)


@pytest.mark.parametrize("scheduler", ["systemd", "kubernetes", "github", "airflow"])
def test_a_last_day_is_crons_alone(scheduler: str) -> None:
    with pytest.raises(UsageError, match="has no word for a last or nth day"):
        texts(scheduler, job("0 3 L * *"))
    assert "0 3 L * *" in next(iter(texts("cron", job("0 3 L * *")).values()))


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_another_configuration_is_named(scheduler: str) -> None:
    found = "".join(texts(scheduler, place=replace(PLACE, config="other.yaml")).values())
    assert "other.yaml" in found
