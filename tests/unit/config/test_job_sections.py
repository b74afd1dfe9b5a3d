"""`jobs:`, `notify:`, `registry:` and `metrics:`: what they mean, and what is said where they mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from datamask.config.document import parse_document
from datamask.config.settings import Settings, read_settings
from datamask.errors import UsageError
from datamask.jobs.model import Limits, Step
from datamask.jobs.retention import Keep

BASE = """\
version: 1
environments:
  production: {url: env:PRODUCTION_URL}
  staging: {url: env:STAGING_URL, tier: shared}
"""
ROOT = Path("/srv/shop")


def read(text: str) -> Settings:
    return read_settings(parse_document(BASE + text, ROOT / "datamask.yaml"))


def test_a_whole_job() -> None:
    job = read(
        """\
notify:
  team: {slack: env:SLACK}
jobs:
  nightly:
    schedule: "15 2 * * *"
    timezone: Europe/Berlin
    window: "22:00-05:00"
    timeout: 2h
    retries: 2
    backoff: 10s
    catch_up: once
    keep: {last: 3, weekly: 4}
    max_age: 26h
    limits: {workers: 2, max_rows_per_second: 1000, max_bytes_per_second: 20MB}
    steps:
      - snapshot: production
        policy: policies/staging.yaml
        timeout: 90m
        retries: 0
      - verify
      - load: staging
        confirm: staging
      - notify: team
        message: fresh data
"""
    ).job("nightly")
    assert job.schedule is not None
    assert (job.schedule.expression, job.schedule.zone) == ("15 2 * * *", "Europe/Berlin")
    assert str(job.window) == "22:00-05:00 Europe/Berlin"
    assert (job.timeout, job.backoff, job.catch_up, job.max_age) == (7200.0, 10.0, "once", 93600.0)
    assert (job.keep, job.limits) == (Keep(last=3, weekly=4), Limits(2, 1000, 20 << 20))
    assert job.steps == (
        Step(1, "snapshot", "production", {"policy": "policies/staging.yaml"}, timeout=5400.0),
        Step(2, "verify", retries=2),
        Step(3, "load", "staging", {"confirm": "staging"}, retries=2),
        # Nobody wants one message three times.
        Step(4, "notify", "team", {"message": "fresh data"}),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("jobs: {n: {}}", "jobs.n has no steps"),
        ("jobs: {n: {steps: []}}", "jobs.n has no steps"),
        ("jobs: {'1': {steps: [verify]}}", "'1' cannot be a job's name"),
        ("jobs: {n: {steps: [snapshot]}}", "jobs.n.steps[1]: snapshot of what?"),
        (
            "jobs: {n: {steps: [generate]}}",
            "jobs.n.steps: 'generate' is no verb that a job of this version can have",
        ),
        ("jobs: {n: {steps: [{seed: staging}]}}", "jobs.n.steps[1]: seed takes a scenario"),
        ("jobs: {n: {steps: [{sed: staging}]}}", "jobs.n.steps: 'sed' is no verb"),
        ("jobs: {n: {steps: [prune]}}", "jobs.n.steps: prune is no step"),
        ("jobs: {n: {steps: [{load: stagin}]}}", "jobs.n.steps[1]: there is no environment 'stagin'"),
        ("jobs: {n: {steps: [{notify: team}]}}", "jobs.n.steps[1]: there is no channel of notify 'team'"),
        ("jobs: {n: {steps: [{load: staging, reset: staging}]}}", "has two verbs: load and reset"),
        ("jobs: {n: {steps: [{load: staging, conform: x}]}}", "unknown key 'conform' in jobs.n.steps[1]"),
        (
            "jobs: {n: {steps: [verify], keep: {last: 1}}}",
            "jobs.n.keep is about the snapshots that the job takes",
        ),
        ("jobs: {n: {steps: [{snapshot: production}], keep: {}}}", "jobs.n.keep says nothing"),
        ("jobs: {n: {steps: [verify], schedule: '61 * * * *'}}", "jobs.n.schedule: bad minute"),
        ("jobs: {n: {steps: [verify], timezone: Mars}}", "jobs.n.timezone: there is no time zone 'Mars'"),
        ("jobs: {n: {steps: [verify], window: '22'}}", "jobs.n.window: it must be written like"),
        (
            "jobs: {n: {steps: [verify], schedule: '0 12 * * *', window: '22:00-05:00'}}",
            "jobs.n.schedule: the job is never due inside its window, 22:00-05:00 UTC",
        ),
        ("jobs: {n: {steps: [verify], timeout: 5}}", "jobs.n.timeout must be text"),
        ("jobs: {n: {steps: [verify], catch_up: twice}}", "jobs.n.catch_up must be one of skip, once"),
        ("jobs: {n: {steps: [verify], retries: 99}}", "jobs.n.retries must be at most 20"),
        (
            "notify: {t: {slack: 'https://hooks.example.com/s3cret'}}",
            "notify.t.slack: a secret must be a reference",
        ),
        ("notify: {t: {on: failure}}", "notify.t must have exactly one of webhook, slack, email"),
        ("notify: {t: {slack: env:S, on: never}}", "notify.t.on must be one of failure, recovery, success"),
        ("notify: {t: {slack: env:S, jobs: n}}", "notify.t.jobs: there is no job 'n'"),
        ("notify: {t: {email: {smtp: env:S, from: a@b.example}}}", "notify.t.email has no to"),
        (
            'notify: {t: {email: {smtp: env:S, from: "a@b.example\\nBcc: x@y.example", to: a@b.example}}}',
            "notify.t.email.from must be an e-mail address",
        ),
        ("registry: postgresql://u:s3cret@db/registry", "registry holds a password in clear text"),
        ("registry: embedded", "registry cannot be embedded"),
        ("registry: {url: env:R, needed: true}", "unknown key 'needed' in registry"),
        ("metrics: {textfile: datamask.txt}", "metrics.textfile must end in .prom"),
        ("metrics: {push: 'http://push.example.com'}", "metrics.push: a secret must be a reference"),
        ("log: xml", "log must be one of text, json"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert caught.value.message.startswith("/srv/shop/datamask.yaml:5: ")
    assert problem in caught.value.message
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"


def test_the_other_sections() -> None:
    settings = read(
        """\
registry: {url: env:REGISTRY_URL, required: true}
metrics: {textfile: state/datamask.prom, push: env:PUSH}
log: json
jobs: {n: {steps: [verify]}}
notify:
  ops:
    email: {smtp: env:SMTP, from: datamask@example.com, to: [a@example.com, b@example.com]}
    on: [success, failure]
    jobs: n
"""
    )
    assert str(settings.registry.url) == "env:REGISTRY_URL"
    assert settings.registry.required
    assert settings.metrics.textfile == ROOT / "state/datamask.prom"
    assert settings.log == "json"
    ops = settings.notify["ops"]
    assert (ops.kind, ops.occasions, ops.jobs) == ("email", ("success", "failure"), ("n",))
    assert ops.recipients == ("a@example.com", "b@example.com")
    with pytest.raises(UsageError, match="there is no job 'm'"):
        settings.job("m")
