"""A DAG of Apache Airflow, 2.4 and later, 3 included."""

from __future__ import annotations

import re
import shlex

from datamask.jobs.model import Job
from datamask.jobs.units.unit import Place, UnitFile, plain_fields, quoted, schedule_of


def airflow_files(job: Job, place: Place) -> tuple[UnitFile, ...]:
    """The DAG's file."""
    plain_fields(job, "Airflow")
    schedule = schedule_of(job)
    name = re.sub(r"\W", "_", f"datamask_{place.project}_{job.name}")
    words = shlex.join([place.program, *place.arguments(job, "--log-format", "json")])
    command = f"cd {shlex.quote(place.root)} && {words}"
    lines = [f'"""Job {job.name} of {place.project}."""', ""]
    if place.variables:
        lines += [f"# The worker's environment sets {', '.join(place.variables)}.", ""]
    timeout = f"timedelta(seconds={job.timeout:.0f})" if job.timeout else "None"
    lines += [
        "from datetime import timedelta",
        "",
        "import pendulum",
        "from airflow import DAG",
        "",
        "try:",
        "    from airflow.providers.standard.operators.bash import BashOperator",
        "except ImportError:  # Airflow 2",
        "    from airflow.operators.bash import BashOperator",
        "",
        "with DAG(",
        f"    dag_id={quoted(name)},",
        f"    schedule={quoted(schedule.expression)},",
        f"    start_date=pendulum.datetime(2026, 1, 1, tz={quoted(schedule.zone)}),",
        "    # Of times that were missed Airflow runs the last one alone, or none where the DAG was paused.",
        "    catchup=False,",
        "    max_active_runs=1,",
        '    tags=["datamask"],',
        "):",
        "    BashOperator(",
        f"        task_id={quoted(job.name)},",
        # Airflow renders commands as Jinja templates.
        f"        bash_command={quoted(_plain(command))},",
        "        append_env=True,",
        "        # datamask tries again by itself what is safe to try again.",
        "        retries=0,",
        f"        execution_timeout={timeout},",
        "    )",
    ]
    return (UnitFile(f"{name}.py", "\n".join(lines) + "\n"),)


def _plain(text: str) -> str:
    """Text that Jinja leaves as it is."""
    return re.sub(r"\{[{%#]", lambda match: f"{{{{ {match.group()!r} }}}}", text)
