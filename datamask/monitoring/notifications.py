"""Messages about runs: to a webhook, to Slack, by e-mail. They hold names, states and times, no value of a row."""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from datamask.config.notify import Channel, Occasion
from datamask.errors import DatamaskError
from datamask.registry.model import Run

# A monitoring host that hangs must not hold the next run up.
_SECONDS = 10.0

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

Payload = Mapping[str, object]


def occasions(state: str, previous: str | None) -> frozenset[Occasion]:
    """What the end of a run is an occasion for.

    :param previous: the state of the run before it, None where there was none.
    """
    if state != "succeeded":
        return frozenset(("failure",))
    if previous is not None and previous != "succeeded":
        return frozenset(("success", "recovery"))
    return frozenset(("success",))


def is_for(channel: Channel, job: str, found: frozenset[Occasion]) -> bool:
    """Does the channel want to hear of such an end of this job?"""
    return (not channel.jobs or job in channel.jobs) and any(item in channel.occasions for item in found)


def about_run(run: Run, event: str) -> Payload:
    """A run as webhooks get it.

    :param event: ``failure``, ``recovery`` or ``success``.
    """
    return {
        "event": event,
        "text": run_text(run, event),
        "project": run.project,
        "job": run.job,
        "run": run.id,
        "state": run.state,
        "exit_code": run.exit_code,
        "began": run.began.isoformat(timespec="seconds"),
        "ended": run.ended.isoformat(timespec="seconds") if run.ended else None,
        "seconds": run.seconds,
        "host": run.host,
        "problem": run.problem,
        "steps": [
            {"number": step.number, "step": step.label, "state": step.state, "seconds": step.seconds}
            for step in run.steps
        ],
    }


def run_text(run: Run, event: str) -> str:
    """A run in a sentence or two."""
    what = {"recovery": "works again", "success": "succeeded"}.get(event, run.state)
    text = f"datamask: job {run.job} of {run.project} {what} on {run.host} (run {run.id})"
    failed = next((step for step in run.steps if step.state not in ("succeeded", "waiting")), None)
    if failed is not None:
        text += f"\nstep {failed.number}, {failed.label}: {failed.state}"
    return f"{text}\n{run.problem}" if run.problem else text


def send(channel: Channel, payload: Payload, *, subject: str) -> None:
    """Send one message.

    :param payload: with its ``text`` for people.
    :raises DatamaskError: it could not be sent; neither the address nor a password is in the message.
    """
    address = channel.secret.resolve_text().strip()
    text = str(payload["text"])
    try:
        match channel.kind:
            case "webhook":
                _post(address, payload)
            case "slack":
                _post(address, {"text": text})
            case "email":
                _mail(channel, address, subject, text)
    except HTTPError as error:
        # It holds the connection open.
        error.close()
        raise DatamaskError(f"notify.{channel.name}: the server answered with status {error.code}") from None
    except (URLError, HTTPException, smtplib.SMTPException, OSError, ValueError) as error:
        raise DatamaskError(f"notify.{channel.name}: the message was not sent: {_reason(error)}") from None


class _UnusableError(ValueError):
    """An address or a server that is not used; its text holds no secret."""


class _NoRedirect(HTTPRedirectHandler):
    """A message goes where the configuration says, or nowhere."""

    def redirect_request(self, *_given: object) -> None:
        """Never."""


def _post(address: str, payload: Payload) -> None:
    if urlsplit(address).scheme not in ("https", "http"):
        raise _UnusableError("the address is no http or https one")
    request = Request(
        address,
        data=json.dumps(payload, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "datamask"},
        method="POST",
    )
    with build_opener(_NoRedirect).open(request, timeout=_SECONDS) as answer:
        answer.read()


def _mail(channel: Channel, address: str, subject: str, text: str) -> None:
    """Over TLS where there is a password, or where the server offers it."""
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise _UnusableError("the address is no smtp:// or smtps:// one")
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = channel.sender
    message["To"] = ", ".join(channel.recipients)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=channel.sender.rpartition("@")[2])
    message.set_content(text + "\n")
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=_SECONDS, context=context)
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or 587, timeout=_SECONDS)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif parts.scheme == "smtp" and parts.password and parts.hostname not in _LOOPBACK:
            raise _UnusableError(
                "the mail server offers no encryption, and the password would go in clear text"
            )
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _reason(error: Exception) -> str:
    """Why, without what a server or an address may say of secrets."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLError):
        return "the connection could not be encrypted: the certificate is not trusted, or TLS is not spoken"
    if isinstance(cause, TimeoutError):
        return f"no answer within {_SECONDS:g} s"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    if isinstance(cause, smtplib.SMTPResponseException):
        return f"the mail server answered with status {cause.smtp_code}"
    return str(cause) if isinstance(cause, _UnusableError) else type(cause).__name__
