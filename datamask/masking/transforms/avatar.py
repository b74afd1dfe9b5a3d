"""Pictures of people: avatar."""

from __future__ import annotations

from datamask.errors import PolicyError
from datamask.masking import identicons
from datamask.masking.params import Param, text
from datamask.masking.token_layout import TokenLayout
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_HEAD, _TAIL = "https://example.com/avatars/", ".png"


class Avatar(Transform):
    """A link to a picture that nobody has, or a generated one: a pattern in one colour, the same for equal values.

    In ``bytea`` columns it is a PNG of 40 × 40 pixels.
    """

    name = "avatar"
    summary = "a placeholder instead of a person's picture"
    params = (
        Param(
            "as",
            "text",
            "link",
            "a link, or the picture itself as an SVG in a data: URI",
            choices=("link", "svg"),
        ),
    )
    kinds = frozenset(("text", "bytea"))
    cost = 400

    def column_laws(self, case: Case) -> Laws:
        """Links differ for each value; there are about a million pictures."""
        if case.type.kind == "bytea":
            return Laws(copy_safe=False)
        if text(case.params, "as") == "link":
            return _link(case).laws
        limit = case.type.max_length
        if limit is not None and limit < identicons.SVG_LENGTH:
            raise PolicyError(
                f"avatar: a picture has up to {identicons.SVG_LENGTH} characters, {case.type.name} holds {limit}",
                hint="take {avatar: {as: link}}",
            )
        return Laws(max_length=identicons.SVG_LENGTH)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf = binding.prf(self.name)
        if binding.mask.type.kind == "bytea":
            return lambda values, _: identicons.png(prf.wide(values))
        if text(binding.params, "as") == "svg":
            return lambda values, _: identicons.svg(prf.wide(values))
        return _link(Case(binding.params, binding.mask.type)).bind(prf)


def _link(case: Case) -> TokenLayout:
    return TokenLayout.of(case.type.max_length, head=_HEAD, tail=_TAIL)
