"""Jobs as they are run: what is done, what is recorded, and what a death in the middle leaves."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from support.command_line import CommandLine
from support.in_process import InProcess
from support.listeners import web_server

JOBS = """
jobs:
  nightly:
    schedule: "15 2 * * *"
    timezone: Europe/Berlin
    keep: {last: 2}
    steps:
      - snapshot: production
        policy: policies/staging.yaml
      - verify
      - load: dev
        from: latest:staging
      - reset: dev
  refresh:
    retries: 2
    backoff: 1s
    steps:
      - verify
      - reset: dev
  closed:
    window: %s
    steps: [verify]
"""


@pytest.fixture
def jobs(project: CommandLine) -> InProcess:
    """The project with jobs; dev goes back to what staging may see."""
    run = InProcess(project.folder, project.environ)
    assert run("env", "adopt", "dev", "--create").code == 0
    hour = time.gmtime().tm_hour
    run.append("datamask.yaml", JOBS % f'"{(hour + 3) % 24:02}:00-{(hour + 4) % 24:02}:00"')
    run.edit("datamask.yaml", "policy: policies/dev.yaml", "policy: policies/staging.yaml")
    return run


def test_a_job_runs_its_steps_and_all_is_recorded(jobs: InProcess) -> None:
    done = jobs("run", "nightly", "--json")
    assert done.code == 0, done.err
    run = done.json
    assert (run["state"], run["exit_code"], run["problem"]) == ("succeeded", 0, None)
    assert [step["step"] for step in run["steps"]] == [
        "snapshot production",
        "verify",
        "load dev",
        "reset dev",
        "prune",
    ]
    assert {step["state"] for step in run["steps"]} == {"succeeded"}
    snapshot, verify, load = (step["snapshot"] for step in run["steps"][:3])
    assert snapshot == verify == load
    # The registry says the same, and so does the audit log.
    [listed] = jobs("runs", "nightly", "--json").json["runs"]
    assert listed["run"] == run["run"]
    assert listed["steps"] == run["steps"]
    shown = jobs("runs", "show", run["run"][:12])
    assert "snapshot production" in shown.out
    assert f"run {run['run']} of job nightly: succeeded" in shown.out
    records = jobs("audit", "log", "--last", "40", "--json").json["records"]
    [outcome] = [item for item in records if (item["action"], item["phase"]) == ("run", "outcome")]
    assert outcome["details"]["state"] == "succeeded"
    assert len(outcome["details"]["steps"]) == 5
    # And monitoring is content, for as long as it says.
    assert jobs("status", "nightly", "--max-age", "1h").code == 0
    assert jobs("status", "dev", "--max-age", "1h").code == 0
    stale = jobs("status", "staging", "--max-age", "1h", "--json")
    assert (stale.code, stale.json["items"][0]["verdict"]) == (1, "never")
    # A registry that is lost is filled again from the audit log.
    for file in (jobs.folder / ".datamask").glob("registry.db*"):
        file.unlink()
    [again] = jobs("runs", "--json").json["runs"]
    assert (again["run"], again["state"], len(again["steps"])) == (run["run"], "succeeded", 5)


def test_a_dry_run_does_nothing(jobs: InProcess) -> None:
    plan = jobs("run", "nightly", "--dry-run", "--from", "load dev", "--json").json
    assert [step["what"] for step in plan["steps"]] == ["load latest:staging into dev", "reset dev", "prune"]
    assert plan["due"].endswith(("00:15:00+00:00", "01:15:00+00:00"))
    assert not (jobs.folder / ".datamask" / "registry.db").exists()
    assert "now it would be refused: it is outside its window" in jobs("run", "closed", "--dry-run").out


def test_a_failure_ends_the_run_with_its_own_code_and_is_not_tried_again(jobs: InProcess) -> None:
    jobs.edit("policies/classification.yaml", "email: person.email", "# email: person.email")
    done = jobs("run", "nightly", "--json")
    assert done.code == 4
    run = done.json
    assert (run["state"], run["exit_code"]) == ("failed", 4)
    assert [step["state"] for step in run["steps"]] == ["failed"] + ["waiting"] * 4
    assert run["steps"][0]["attempts"] == 1
    assert "error: job nightly failed in step 1, snapshot production: " in done.err
    failed = jobs("status", "nightly", "--json")
    assert (failed.code, failed.json["items"][0]["verdict"]) == (1, "failed")


def test_what_may_be_tried_again_is_and_a_run_can_go_on_from_a_step(jobs: InProcess) -> None:
    broken = jobs("run", "refresh", "--json", DEV_URL="host=127.0.0.1 port=1 dbname=nowhere")
    assert (broken.code, broken.json["steps"][1]["attempts"]) == (1, 3)
    assert broken.json["steps"][0]["state"] == "succeeded"
    assert "attempt 3" in broken.err
    done = jobs("run", "refresh", "--from", "reset", "--json")
    assert (done.code, [step["number"] for step in done.json["steps"]]) == (0, [2])


def test_a_window_is_kept(jobs: InProcess) -> None:
    refused = jobs("run", "closed")
    assert refused.code == 3
    assert "error: job closed may not begin now: its window is" in refused.err
    assert jobs("run", "closed", "--due").out.startswith("job closed was not run: it is outside its window")
    assert jobs("run", "closed", "--any-time").code == 0


def test_a_missed_time_is_made_up_for_once_where_that_is_wanted(jobs: InProcess) -> None:
    jobs.edit("datamask.yaml", "    retries: 2\n", '    retries: 2\n    schedule: "* * * * *"\n')
    skipped = jobs("run", "refresh", "--due", "--json")
    assert skipped.json["reason"] == "times that it missed are skipped (catch_up: skip)"
    # Once in a year: the time that it is due again does not come while this runs.
    jobs.edit("datamask.yaml", '"* * * * *"', '"0 0 1 1 *"\n    catch_up: once')
    assert jobs("run", "refresh", "--due", "--json").json["state"] == "succeeded"
    second = jobs("run", "refresh", "--due", "--json").json
    assert (second["run"], second["reason"]) == (None, "it has run since it was last due")


def test_a_timeout_ends_a_step_and_the_run(jobs: InProcess) -> None:
    jobs.edit(
        "datamask.yaml",
        "      - snapshot: production\n",
        "      - snapshot: production\n        timeout: 1s\n",
    )
    with_slow_source = jobs("run", "nightly", "--json", DATAMASK_SNAPSHOT__MAX_ROWS_PER_SECOND="100")
    assert with_slow_source.code == 1
    step = with_slow_source.json["steps"][0]
    assert (step["state"], step["problem"]) == (
        "failed",
        "step 1, snapshot production, did not end within its timeout, 1 s",
    )
    assert list((jobs.folder / "snapshots" / ".drafts").glob("*")) == []


def test_a_log_of_json_lines(jobs: InProcess) -> None:
    done = jobs("run", "refresh", "--log-format", "json")
    lines = [json.loads(line) for line in done.err.splitlines()]
    kinds = [line["event"] for line in lines if line["event"] != "note"]
    assert kinds == ["run.started", *["step.started", "step.ended"] * 2, "run.ended"]
    assert {line["job"] for line in lines} == {"refresh"}
    assert lines[-1]["state"] == "succeeded"
    jobs.append("datamask.yaml", "log: json\n")
    assert json.loads(jobs("run", "refresh").err.splitlines()[0])["event"] == "run.started"
    assert jobs("run", "refresh", "--quiet").err == ""


def slow_run(jobs: InProcess) -> tuple[CommandLine, psutil.Popen]:
    """A run that reads the source slowly, once it has begun its first step."""
    run = CommandLine(jobs.folder, jobs.environ)
    process = run.start("run", "nightly", environ={"DATAMASK_SNAPSHOT__MAX_ROWS_PER_SECOND": "50"})
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("snapshot: "):
            return run, process
    raise AssertionError("it ended before it began")


def test_one_run_at_a_time_and_an_interruption_is_recorded(jobs: InProcess) -> None:
    _, process = slow_run(jobs)
    second = jobs("run", "nightly")
    assert second.code == 3
    assert f"error: job nightly is running already, as process {process.pid}" in second.err
    assert jobs("status", "nightly", "--json").json["items"][0]["running"]
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "interrupted" in out
    assert "error: job nightly was interrupted in step 1, snapshot production\n" in err
    [run] = jobs("runs", "--json").json["runs"]
    assert (run["state"], run["steps"][0]["state"]) == ("interrupted", "interrupted")


def test_a_crash_is_seen_and_the_lock_is_free(jobs: InProcess) -> None:
    _, process = slow_run(jobs)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    [run] = jobs("runs", "--json").json["runs"]
    assert (run["state"], run["exit_code"], run["steps"][0]["state"]) == ("crashed", 1, "crashed")
    again = jobs("run", "nightly", "--from", "reset", "--json")
    assert (again.code, again.json["state"]) == (0, "succeeded")
    assert jobs("audit", "verify").code == 0


@pytest.mark.slow
def test_the_next_run_sees_a_crash_first(jobs: InProcess) -> None:
    _, process = slow_run(jobs)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    again = jobs("run", "nightly", "--json")
    assert again.code == 0
    [warning] = again.json["warnings"]
    assert "ended without a word: it is recorded as crashed" in warning
    assert [run["state"] for run in jobs("runs", "--json").json["runs"]] == ["succeeded", "crashed"]


def test_a_snapshot_that_an_environment_holds_is_never_pruned(jobs: InProcess) -> None:
    [held] = jobs("snapshots", "list", "--json").json["snapshots"]
    assert jobs("load", held["id"], "dev").code == 0
    for _ in range(2):
        assert jobs("snapshot", "production", "--policy", "policies/staging.yaml").code == 0
    pruned = jobs("snapshots", "prune", "--keep", "1", "--json").json
    assert len(pruned["removed"]) == 1
    assert held["id"] in pruned["kept"]
    # Also where its database cannot be asked: the audit log knows.
    pruned = jobs(
        "snapshots", "prune", "--keep-daily", "1", "--json", DEV_URL="host=127.0.0.1 port=1 dbname=x"
    ).json
    assert held["id"] in pruned["kept"]
    assert jobs("reset", "dev").code == 0


_MISTAKES = (
    (("run", "nightl"), 2, "there is no job 'nightl'"),
    (("run", "nightly", "--from", "seed"), 2, "no step is called 'seed' in job nightly"),
    (("run", "nightly", "--log-format", "xml"), 2, "there is no log format 'xml'"),
    (("run", "closed", "--due", "--any-time"), 2, "job closed has no schedule"),
    (("runs", "show", "nothing"), 2, "there is no run 'nothing'"),
    (("runs", "nothing"), 2, "there is no job 'nothing'"),
    (("status", "nothing"), 2, "there is neither a job nor an environment 'nothing'"),
    (("status", "--max-age", "26"), 2, "--max-age must be a length of time, not '26'"),
    (("schedule", "nightly", "--as", "at"), 2, "there is no scheduler 'at'"),
    (("schedule", "closed", "--as", "cron"), 2, "job closed has no schedule"),
)


def test_what_cannot_be_done_is_said(jobs: InProcess) -> None:
    for arguments, code, message in _MISTAKES:
        done = jobs(*arguments)
        assert done.code == code, arguments
        assert message in done.err
        assert "hint: " in done.err or arguments[0] == "status"


def test_units_are_printed_and_written(jobs: InProcess, tmp_path: Path) -> None:
    printed = jobs("schedule", "nightly", "--as", "systemd", "--user", "shop").out
    assert "User=shop" in printed
    assert "OnCalendar=*-*-* 02:15:00 Europe/Berlin" in printed
    assert "DATAMASK_KEY, DEV_URL, PRODUCTION_URL, STAGING_URL" in printed
    assert not [
        value for name, value in jobs.environ.items() if value in printed and name != "DATAMASK_CONFIG"
    ]
    written = jobs("schedule", "nightly", "--as", "github", "--out", tmp_path, "--json").json["written"]
    assert written == [str(tmp_path / ".github/workflows/datamask-nightly.yml")]
    assert Path(written[0]).read_text().startswith("name: datamask nightly\n")
    assert jobs("schedule", "nightly", "--as", "github", "--out", tmp_path).code == 2


def test_who_has_to_hear_of_it_does(jobs: InProcess, tmp_path: Path) -> None:
    jobs.append(
        "datamask.yaml",
        f"notify: {{team: {{webhook: env:HOOK}}, lost: {{slack: env:LOST}}}}\nmetrics: {{textfile: {tmp_path}/m.prom}}\n",
    )
    with web_server() as server:
        where = {"HOOK": f"http://127.0.0.1:{server.port}/s3cret", "LOST": "http://127.0.0.1:1/s3cret"}
        failed = jobs("run", "refresh", "--json", "--from", "reset", DEV_URL="dbname=x host=", **where)
        again = jobs("run", "refresh", "--json", "--from", "reset", **where)
        quiet = jobs("run", "refresh", "--json", "--from", "reset", **where)
    assert (failed.code != 0, again.code, quiet.code) == (True, 0, 0)
    said = [json.loads(body) for _, body in server.requests]
    assert [item["event"] for item in said] == ["failure", "recovery"]
    assert said[0]["steps"][0]["step"] == "reset dev"
    # What could not be sent failed nothing, and is told without its address.
    lost = "notify.lost: the message was not sent: Connection refused"
    assert [run.json["warnings"] for run in (failed, again, quiet)] == [[lost], [lost], []]
    figures = (tmp_path / "m.prom").read_text()
    assert 'datamask_job_last_exit_code{job="refresh",project="shop"} 0.0' in figures
    assert "s3cret" not in figures + failed.err + failed.out
