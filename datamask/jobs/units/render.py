"""Every kind of unit by the word that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from datamask.jobs.model import Job
from datamask.jobs.units.airflow import airflow_files
from datamask.jobs.units.cron import cron_files
from datamask.jobs.units.github import github_files
from datamask.jobs.units.kubernetes import kubernetes_files
from datamask.jobs.units.systemd import systemd_files
from datamask.jobs.units.unit import Place, UnitFile

SCHEDULERS: Mapping[str, Callable[[Job, Place], tuple[UnitFile, ...]]] = {
    "cron": cron_files,
    "systemd": systemd_files,
    "kubernetes": kubernetes_files,
    "github": github_files,
    "airflow": airflow_files,
}
