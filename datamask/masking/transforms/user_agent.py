"""Descriptions of browsers: user_agent."""

from __future__ import annotations

import numpy as np
import polars as pl

from datamask.masking.grouped import PoolSet
from datamask.masking.pools import fitting
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform
from datamask.masking.user_agents import DESKTOP, MOBILE, PROGRAM, user_agents

_FAMILIES = (DESKTOP, MOBILE, PROGRAM)
_PROGRAM = (
    r"(?i)bot\b|bot/|crawl|spider|^(curl|wget|python|okhttp|java|go-|postman|axios|node|ruby|php|apache)"
)
_MOBILE = r"(?i)mobi|android|iphone|ipad"


class UserAgent(Transform):
    """Another User-Agent header, from the same family: of a phone, of a desktop, or of a program that is no browser."""

    name = "user_agent"
    summary = "another browser's header; phone, desktop or program stays"
    kinds = frozenset(("text",))
    cost = 300

    def column_laws(self, case: Case) -> Laws:
        """The longest header bounds the result, or the column does."""
        longest = max(len(header) for family in _FAMILIES for header in user_agents(family))
        return Laws(max_length=min(longest, case.type.max_length or longest))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        limit = binding.mask.type.max_length
        headers = PoolSet([fitting(user_agents(family), limit) for family in _FAMILIES])
        prf = binding.prf(self.name)

        def masked(values: pl.Series, _: object) -> pl.Series:
            mobile = values.str.contains(_MOBILE).to_numpy()
            program = values.str.contains(_PROGRAM).to_numpy()
            families = np.where(program, PROGRAM, np.where(mobile, MOBILE, DESKTOP)).astype(np.intp)
            return headers.pick(prf.words(values), families)

        return masked
