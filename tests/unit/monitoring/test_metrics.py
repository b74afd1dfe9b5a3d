"""Figures of runs, read back as Prometheus reads them."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.listeners import web_server

from datamask.errors import DatamaskError
from datamask.monitoring.metrics import JobFigures, collected, push, write_textfile
from datamask.registry.model import Load, Run, RunStep

BEGAN = datetime(2026, 5, 1, 2, 15, tzinfo=UTC)
ENDED = BEGAN + timedelta(seconds=90)
GOOD = Run(
    "r1", "shop", "nightly", "succeeded", BEGAN, "db1", "u", 1, ENDED, 90.0, 0,
    steps=(RunStep(1, "snapshot production", "succeeded", BEGAN, 80.0, 1, 0, rows=12),),
)  # fmt: skip
BAD = replace(
    GOOD, id="r2", state="failed", exit_code=4, steps=(replace(GOOD.steps[0], seconds=None, rows=None),)
)
LOAD = Load("f" * 64, "shop", "staging", "load", "s1", "d", "staging", "clone", 1.0, ENDED, "u", "h")


def samples(text: str) -> dict[tuple[str, str], float]:
    return {
        (
            sample.name,
            "/".join(value for key, value in sorted(sample.labels.items()) if key != "project"),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_file_for_the_textfile_collector(tmp_path: Path) -> None:
    file = tmp_path / "collector" / "datamask.prom"
    figures = [
        JobFigures("nightly", BAD, GOOD),
        JobFigures("weekly", GOOD, GOOD),
        JobFigures("never", None, None),
    ]
    write_textfile(file, collected("shop", figures, [LOAD]))
    found = samples(file.read_text())
    assert found == {
        ("datamask_job_last_success_timestamp_seconds", "nightly"): ENDED.timestamp(),
        ("datamask_job_last_success_timestamp_seconds", "weekly"): ENDED.timestamp(),
        ("datamask_job_last_end_timestamp_seconds", "nightly"): ENDED.timestamp(),
        ("datamask_job_last_end_timestamp_seconds", "weekly"): ENDED.timestamp(),
        ("datamask_job_last_exit_code", "nightly"): 4.0,
        ("datamask_job_last_exit_code", "weekly"): 0.0,
        ("datamask_job_last_duration_seconds", "nightly"): 90.0,
        ("datamask_job_last_duration_seconds", "weekly"): 90.0,
        ("datamask_step_last_duration_seconds", "weekly/snapshot production"): 80.0,
        ("datamask_step_last_rows", "weekly/snapshot production"): 12.0,
        ("datamask_environment_loaded_timestamp_seconds", "staging"): ENDED.timestamp(),
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [path.name for path in file.parent.iterdir()] == ["datamask.prom"]


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatamaskError, match=r"the metrics file .* cannot be written"):
        write_textfile(tmp_path / "file" / "datamask.prom", collected("shop", [], []))


def test_a_push_gateway_gets_one_jobs_figures() -> None:
    figures = collected("shop", [JobFigures("nightly", GOOD, GOOD)], ())
    with web_server() as server:
        push(f"http://127.0.0.1:{server.port}", figures, project="shop", job="nightly")
    [(path, body)] = server.requests
    assert path.startswith("/metrics/job/datamask/")
    assert set(path.split("/")[4:]) == {"project", "shop", "datamask_job", "nightly"}
    assert b"datamask_job_last_exit_code" in body


def test_a_push_gateway_that_is_not_there_is_an_error_without_its_address() -> None:
    with pytest.raises(DatamaskError) as caught:
        push("http://127.0.0.1:1/s3cret", collected("shop", [], ()), project="shop", job="nightly")
    assert (
        caught.value.message
        == "the push gateway of metrics.push does not take the figures: Connection refused"
    )
    with web_server(500) as server, pytest.raises(DatamaskError, match="it answered with status 500"):
        push(f"http://127.0.0.1:{server.port}", collected("shop", [], ()), project="shop", job="nightly")
