"""Identifiers that begin with the kind of thing that they name: prefixed_id."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, texts
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform
from datamask.masking.transforms.format import alphanumeric_function

# The prefixes of Stripe's objects and keys, which many applications took as their model.
_COMMON = (
    "acct_", "ba_", "bps_", "btok_", "card_", "ch_", "cn_", "cs_live_", "cs_test_", "cus_", "di_",
    "dp_", "evt_", "fcaccount_", "fee_", "file_", "fr_", "iauth_", "ich_", "ii_", "il_", "in_", "ipi_",
    "link_", "li_", "mandate_", "mbur_", "or_", "orch_", "org_", "pi_", "pk_live_", "pk_test_", "plan_",
    "plink_", "pm_", "po_", "price_", "prod_", "promo_", "prv_", "py_", "pyr_", "qt_", "rcpt_", "re_",
    "req_", "rk_live_", "rk_test_", "seti_", "si_", "sk_live_", "sk_test_", "sku_", "src_", "sub_",
    "sub_sched_", "tax_", "tok_", "topup_", "tr_", "trr_", "txi_", "txn_", "txr_", "usr_", "user_",
    "vs_", "we_", "whsec_",
)  # fmt: skip


class PrefixedId(Transform):
    """The prefix stays; the digits and letters behind it are enciphered as by ``ff1``.

    A prefix is only what is listed: by default those of Stripe, such as ``cus_`` and ``sk_test_``. A value without
    one is enciphered as a whole. Digits stay digits where there are no letters, and each case stays where there is no
    other.
    """

    name = "prefixed_id"
    summary = "another identifier with the same prefix, length and kind of characters"
    params = (
        Param(
            "prefixes",
            "texts",
            None,
            "what may stand in front and stays, such as [cus_, order-]; Stripe's by default",
        ),
    )
    kinds = frozenset(("text",))
    cost = 350

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """As :meth:`Transform.validate`; a prefix is printable ASCII."""
        checked = super().validate(params)
        for prefix in texts(checked, "prefixes"):
            if not prefix or not prefix.isascii() or not prefix.isprintable() or "\\" in prefix:
                raise PolicyError("prefixed_id: prefixes must be ASCII characters, and none of them empty")
        return checked

    def column_laws(self, case: Case) -> Laws:
        """A permutation of ASCII text that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prefixes = texts(binding.params, "prefixes") or _COMMON
        return alphanumeric_function(binding, "prefixed_id", prefixes)
