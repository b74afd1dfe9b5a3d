"""What datamask writes down about a database of a target's server: a line at the end of its comment.

A comment takes no right but the ownership that a swap takes anyway, follows the database through a rename,
is not copied to a clone, and whoever looks at the server sees it. A setting of datamask's own
(``ALTER DATABASE … SET datamask.…``) would take a superuser, or from PostgreSQL 15 on a superuser's grant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

_BEGIN = "datamask: "


@dataclass(frozen=True, slots=True)
class Marks:
    """What a database says about itself.

    :param environment: which environment it is, so that loads may replace it.
    :param snapshot: the snapshot that it was loaded from, or whose spare or golden it is.
    :param digest: that snapshot's digest.
    :param pinned: resets go back to this snapshot, whatever the configured baseline says.
    :param golden: of a golden alone, the digest of the snapshot that it holds, complete.
    :param loaded: when, UTC, ISO 8601.
    :param admitted: when that snapshot went through the environment's gates, UTC, ISO 8601; None where it has none.
    :param recipe: digest of what hooks made of the snapshot, None where they made nothing that lasts.
    :param expires: of a branch alone, when it may be dropped, UTC, ISO 8601.
    :param measured: of a golden alone, seconds that its clones took by each of the server's methods.
    :param scenario: of a golden alone, the scenario that it holds besides the snapshot.
    """

    environment: str | None = None
    snapshot: str | None = None
    digest: str | None = None
    pinned: bool = False
    golden: str | None = None
    loaded: str | None = None
    admitted: str | None = None
    recipe: str | None = None
    expires: str | None = None
    measured: str | None = None
    scenario: str | None = None


NO_MARKS = Marks()


def parse_comment(comment: str | None) -> tuple[str | None, Marks]:
    """A database's comment as its people wrote it, and the marks below it.

    A line that is not whole, as somebody edited it, is no mark: such a database has not been adopted.
    """
    text, _, last = (comment or "").rpartition("\n")
    marks = _parse_line(last)
    return (comment, NO_MARKS) if marks is None else (text or None, marks)


def render_comment(text: str | None, marks: Marks) -> str | None:
    """The comment that holds both, None where there is nothing to say."""
    said = {
        field.name: value for field in fields(marks) if (value := getattr(marks, field.name)) != field.default
    }
    if not said:
        return text
    line = _BEGIN + json.dumps(said, ensure_ascii=False)
    return line if text is None else f"{text}\n{line}"


def _parse_line(line: str) -> Marks | None:
    if not line.startswith(_BEGIN):
        return None
    try:
        said = json.loads(line.removeprefix(_BEGIN))
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    texts = {name: value for name, value in said.items() if isinstance(value, str)}
    return Marks(
        environment=texts.get("environment"),
        snapshot=texts.get("snapshot"),
        digest=texts.get("digest"),
        pinned=said.get("pinned") is True,
        golden=texts.get("golden"),
        loaded=texts.get("loaded"),
        admitted=texts.get("admitted"),
        recipe=texts.get("recipe"),
        expires=texts.get("expires"),
        measured=texts.get("measured"),
        scenario=texts.get("scenario"),
    )
