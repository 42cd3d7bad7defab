"""The eight countries of the demo company, and how often each of them occurs among a hundred customers."""

from typing import Final

from interlace.sandbox.erp.seed_company.countries.austria import AUSTRIA
from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack
from interlace.sandbox.erp.seed_company.countries.finland import FINLAND
from interlace.sandbox.erp.seed_company.countries.germany import GERMANY
from interlace.sandbox.erp.seed_company.countries.mexico import MEXICO
from interlace.sandbox.erp.seed_company.countries.norway import NORWAY
from interlace.sandbox.erp.seed_company.countries.russia import RUSSIA
from interlace.sandbox.erp.seed_company.countries.united_kingdom import UNITED_KINGDOM
from interlace.sandbox.erp.seed_company.countries.united_states import UNITED_STATES

SHARES: Final[tuple[tuple[CountryPack, int], ...]] = (
    (GERMANY, 42),
    (AUSTRIA, 13),
    (FINLAND, 8),
    (NORWAY, 10),
    (UNITED_KINGDOM, 10),
    (UNITED_STATES, 8),
    (MEXICO, 5),
    (RUSSIA, 4),
)


def _round_of_a_hundred() -> tuple[tuple[CountryPack, int, int], ...]:
    """Spread the countries over a hundred places: (country, rank among its own, how many of them)."""
    wanted = [(place / share, number) for number, (_, share) in enumerate(SHARES) for place in range(share)]
    seen = [0] * len(SHARES)
    spread = []
    for _, number in sorted(wanted):
        pack, share = SHARES[number]
        spread.append((pack, seen[number], share))
        seen[number] += 1
    return tuple(spread)


_ROUND: Final = _round_of_a_hundred()


def country_of(index: int) -> tuple[CountryPack, int]:
    """Return the country of the n-th customer and which customer of that country it is, both from zero."""
    rounds, place = divmod(index, len(_ROUND))
    pack, rank, share = _ROUND[place]
    return pack, rounds * share + rank
