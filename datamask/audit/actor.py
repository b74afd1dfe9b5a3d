"""Who acts, and from where: for records, as far as the process can know."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping

from datamask.audit.record import Detail

# What continuous integration says of the job that runs, the most telling first: an address, or its parts.
_JOBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("github", ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")),
    ("gitlab", ("CI_JOB_URL",)),
    ("jenkins", ("JENKINS_URL", "JOB_NAME", "BUILD_NUMBER")),
    ("circleci", ("CIRCLE_BUILD_URL",)),
    ("buildkite", ("BUILDKITE_BUILD_URL", "BUILDKITE_JOB_ID")),
    ("azure", ("SYSTEM_TEAMPROJECT", "BUILD_BUILDID")),
    ("airflow", ("AIRFLOW_CTX_DAG_ID", "AIRFLOW_CTX_DAG_RUN_ID")),
)
_PERSONS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "BUILD_REQUESTEDFOR")

# A variable may hold anything; a record stays readable.
_LONGEST = 200


def actor(environ: Mapping[str, str] = os.environ) -> dict[str, Detail]:
    """User, host and process; behind them sudo's user, ssh's client and the job of a CI system, where there is one.

    Variables can be set to anything: what comes from them is what the environment said, not what is proved.
    """
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    who: dict[str, Detail] = {"user": user, "host": socket.gethostname(), "process": os.getpid()}
    if environ.get("SUDO_USER"):
        who["sudo_user"] = _short(environ["SUDO_USER"])
    if environ.get("SSH_CONNECTION"):
        who["client"] = _short(environ["SSH_CONNECTION"].split()[0])
    for name, variables in _JOBS:
        parts = [environ.get(variable, "") for variable in variables]
        if all(parts):
            who["ci"] = _short(f"{name} {' '.join(parts)}")
            break
    person = next((environ[name] for name in _PERSONS if environ.get(name)), None)
    if person and "ci" in who:
        who["ci_user"] = _short(person)
    return who


def _short(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:_LONGEST]
