"""The kinds of national identifiers that there are, and their schemes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from datamask.masking.national import europe, vat, world
from datamask.masking.schemes import Scheme

_PERSONS_AND_COMPANIES: Final = (
    europe.ch_ssn, europe.de_idnr, europe.es_dni, europe.es_nie, europe.es_nif, europe.fr_nir, europe.gb_nhs,
    europe.gb_nino, europe.it_codicefiscale, europe.nl_bsn, europe.pl_pesel, europe.pt_nif, europe.se_personnummer,
    world.au_abn, world.au_tfn, world.br_cnpj, world.br_cpf, world.ca_sin, world.cn_ric, world.il_idnr,
    world.in_aadhaar, world.in_pan, world.tr_tckimlik, world.us_ein, world.us_itin, world.us_ssn, world.za_idnr,
    vat.eu_vat,
)  # fmt: skip

# python-stdnum calls Greece's module after the country's ISO code, the tax office after its language's.
_COUNTRIES: Final = {
    f"{'gr' if prefix == 'EL' else prefix.lower()}_vat": partial(vat.of_country, prefix)
    for prefix in vat.COUNTRIES
}

TYPES: Final[dict[str, Callable[[], Iterable[Scheme]]]] = {
    **{schemes.__name__: schemes for schemes in _PERSONS_AND_COMPANIES},
    **_COUNTRIES,
}
"""By name: the country's ISO code and python-stdnum's module, such as ``nl_bsn``."""
