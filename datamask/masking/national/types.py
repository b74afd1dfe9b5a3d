"""The kinds of national identifiers that there are, and their schemes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Final

from datamask.masking.national import europe, vat, world
from datamask.masking.schemes import Scheme

_PERSONS_AND_COMPANIES: Final = (
    europe.ch_ssn, europe.de_idnr, europe.de_stnr, europe.es_dni, europe.es_nie, europe.es_nif, europe.fr_nir,
    europe.gb_nhs, europe.gb_nino, europe.it_codicefiscale, europe.nl_bsn, europe.pl_pesel, europe.pt_nif,
    europe.se_personnummer, world.au_abn, world.au_tfn, world.br_cnpj, world.br_cpf, world.ca_sin, world.cn_ric,
    world.il_idnr, world.in_aadhaar, world.in_pan, world.tr_tckimlik, world.us_ein, world.us_itin, world.us_ssn,
    world.za_idnr,
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


@cache
def schemes(kind: str) -> tuple[Scheme, ...]:
    """The schemes of a type, made once: some have tables of all dates."""
    return tuple(TYPES[kind]())


AUTO: Final = (
    "pl_pesel", "se_personnummer", "cn_ric", "za_idnr", "fr_nir", "it_codicefiscale", "ch_ssn", "de_idnr", "us_itin",
    "br_cpf", "eu_vat", "br_cnpj", "tr_tckimlik", "au_abn", "in_aadhaar", "in_pan", "gb_nino", "gb_nhs", "es_nif",
    "nl_bsn", "ca_sin", "pt_nif", "au_tfn", "il_idnr", "us_ssn",
)  # fmt: skip
"""The kinds that a number may be told to be, first those that say the most of it: a number of two kinds is looked for
among those of the first, which must not be far more than the second's. Left out are numbers without any check (EIN,
Steuernummer) and VAT numbers without their prefix."""
