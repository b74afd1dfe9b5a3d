"""The reference page of all packs, from their files: ``python -m datamask.policy.packs_reference``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from datamask.masking import registry
from datamask.policy.file import read_policy
from datamask.policy.model import Choice, Policy, Rule
from datamask.policy.pack import DEFAULT, pack_names, pack_path

_HEAD = """\
# Policy packs

`python -m datamask.policy.packs_reference > docs/reference/packs.md` writes this page from the packs.

A pack is a policy with a rule for every data class; a policy takes one by its name and changes what it wants:

```yaml
version: 1
name: staging
extends: gdpr
classes:
  person.email: {email: {domain: test.example}}
```

A pack maps classes to transforms, and cites what asks for it. It is no legal advice, and does not make a copy compliant
by itself: that hangs on the classification, on who has the masking key, and on what else is done with the copy. A class
without a row in a pack's table has the rule of the pack that it extends. Of a list, the first transform whose result the
column certainly holds is taken; `auto` hides everything in a way that suits the column's type.
"""


def packs_reference() -> str:
    """The whole page as Markdown, the pack that the others extend first."""
    names = sorted(pack_names(), key=lambda name: (name != DEFAULT, name))
    return "\n".join([_HEAD, *(line for name in names for line in _section(name))]).rstrip() + "\n"


def _section(name: str) -> Iterator[str]:
    text = pack_path(name).read_text(encoding="utf-8")
    policy = read_policy(pack_path(name))
    yield f"## {name}\n"
    yield _prose(text.partition("\nversion:")[0].splitlines())
    if len(policy.files) > 1:
        yield f"\nExtends `{policy.files[-2].stem}`. Columns that nobody has classified: `{policy.unclassified}`."
    for comment, classes in _groups(text):
        yield f"\n{comment}\n"
        yield "| class | becomes |\n| --- | --- |"
        yield from (f"| `{data_class}` | {_choice(policy, data_class)} |" for data_class in classes)
    yield ""


def _prose(comments: list[str]) -> str:
    """Comment lines as paragraphs."""
    return "\n".join(line.removeprefix("#").strip() for line in comments)


def _groups(text: str) -> Iterator[tuple[str, list[str]]]:
    """The classes of the file, with the comment that each run of them stands under."""
    comments: list[str] = []
    classes: list[str] = []
    for line in text.partition("\nclasses:\n")[2].splitlines():
        if line.startswith("  #"):
            if classes:
                yield _prose(comments), classes
                comments, classes = [], []
            comments.append(line.strip())
        elif line[:3].strip() and not line.startswith("   "):
            classes.append(line.strip().partition(":")[0])
    if classes:
        yield _prose(comments), classes


def _choice(policy: Policy, data_class: str) -> str:
    choice: Choice = policy.classes[data_class]
    return ", else ".join(_rule(rule) for rule in choice.rules)


def _rule(rule: Rule) -> str:
    if rule.transform not in registry.names():
        return f"`{rule.transform}`"
    defaults = {param.name: param.default for param in registry.get(rule.transform).params}
    said = [
        f"{name} {json.dumps(value, ensure_ascii=False)}"
        for name, value in rule.params.items()
        if value != defaults.get(name)
    ]
    if rule.preserve:
        said.append(f"preserve {', '.join(rule.preserve)}")
    return f"`{rule.transform}`" + (f" ({'; '.join(said)})" if said else "")


if __name__ == "__main__":
    print(packs_reference(), end="")
