"""Server messages without the row values that PostgreSQL likes to quote in them.

The primary message quotes names ("relation", "column", "constraint") and, where an input was wrong,
the input itself. Names stay; anything else between quotes goes. DETAIL and CONTEXT never pass.
"""

from __future__ import annotations

import re

CUT = "…"

# A quoted text is a name only where one of these words stands right before it.
_NAMED = re.compile(
    r"\b(?:at|check|column|configuration|constraint|collation|database|directory|domain|encoding|extension|"
    r"file|function|host|identifier|index|language|library|module|name|operator|option|parameter|partition|"
    r"policy|procedure|program|publication|relation|role|rule|schema|sequence|server|service|setting|"
    r"slot|snapshot|socket|statistics|subscription|table|tablespace|template|trigger|type|user|view)\s$",
    re.IGNORECASE,
)
_HEX_BYTES = re.compile(r"\b0x[0-9a-fA-F]{2}(?: 0x[0-9a-fA-F]{2})*")
_FOREIGN_QUOTES = re.compile("[„“”«»‘’‚‹›『』「」]")
# "COPY customers, line 7, column email: "…"": the place is safe, the text after it is a value.
_COPY_PLACE = re.compile(r"^COPY ([^,\n]+), line (\d+)(?:, column ([^:\n]+))?", re.MULTILINE)


def strip_values(message: str) -> str:
    """The first line of a message with quoted texts cut, unless a word before says that they are names.

    A value can itself hold quotes, so the cut goes from the first such quote to the last of the line.
    """
    line = _cut_quoted(_HEX_BYTES.sub(CUT, message.strip().split("\n", 1)[0].strip()))
    foreign = _FOREIGN_QUOTES.search(line)
    # A translated message: its words tell nothing about what is quoted.
    return line[: foreign.start()] + CUT if foreign else line


def _cut_quoted(line: str) -> str:
    start = 0
    while (opening := line.find('"', start)) >= 0:
        closing = line.find('"', opening + 1)
        if closing < 0 or not _NAMED.search(line[:opening]):
            last = line.rfind('"')
            return line[:opening] + CUT + (line[last + 1 :] if last > opening else "")
        start = closing + 1
    return line


def copy_place(context: str | None) -> str | None:
    """``COPY table, line n, column c`` from an error's CONTEXT, without the value that follows."""
    match = _COPY_PLACE.search(context or "")
    if not match:
        return None
    table, line, column = match.groups()
    return f"COPY {table}, line {line}" + (f", column {column}" if column else "")


def program_messages(stderr: str) -> str:
    """What a client program (``pg_dump``, ``pg_restore``, ``psql``) complained about, without values.

    Only the program's own errors and the server's ERROR and FATAL lines stay, each once, with values cut;
    DETAIL, CONTEXT, STATEMENT and the failed command do not.
    """
    kept: list[str] = []
    for line in stderr.splitlines():
        text = line.strip()
        server = re.search(r"\b(?:ERROR|FATAL|PANIC):\s+", text)
        own = re.match(r"^(?:\S*/)?(?:pg_\w+|psql|initdb|postgres): (?:error|fatal|warning): ", text)
        if server and (own or server.start() == 0 or text.startswith("psql:")):
            clean = strip_values(text[server.end() :])
        elif own:
            clean = strip_values(text[own.end() :])
        else:
            continue
        if clean not in kept:
            kept.append(clean)
    return "; ".join(kept)
