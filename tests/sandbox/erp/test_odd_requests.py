"""Requests put together at random: whatever they say, the answer is a success or a named refusal."""

import json
import random
from typing import Any
from urllib.parse import quote

import pytest

from interlace.sandbox.erp.api_sets import API_SETS
from interlace.sandbox.erp.page_services import PAGE_SERVICES
from interlace.sandbox.erp.set_declaration import PublishedSet

_LITERALS = (
    *(
        "'a'",
        "1",
        "-1",
        "null",
        "true",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "'x''y'",
        "1.5",
        "'Item'",
        "''",
    ),
    *("duration'PT1H'", "@p", "'Ä'", "99999999999999999999", "NaN", "00000000-0000-0000-0000-000000000000"),
)
_KEYS = (
    *(
        "('a')",
        "(1)",
        "()",
        "(a=1)",
        "(Code='PCS')",
        "(No='C00010')",
        "(Document_Type='Order',No='1')",
        "(@p)",
    ),
    *("([1])", "('a','b')", "(2026-01-01)", "(null)", "(-5)", "(00000000-0000-0000-0000-000000000000)"),
)
_TAILS = (
    "$count",
    "$value",
    "$ref",
    "salesOrderLines",
    "customer",
    "NAV.Copy",
    "x",
    "$1",
    "contactsInformation",
)
_BODY_VALUES: tuple[Any, ...] = (
    *("a", "", 0, 1.5, True, None, [], {}, "2026-01-01", "Item", "x" * 300, -5, 10**30, "USD", "C00010"),
    "00000000-0000-0000-0000-000000000000",
)


class _Odd:
    """Makes requests from one seed."""

    def __init__(self, seed: int, company_id: str) -> None:
        self._random = random.Random(seed)
        self._companies = (
            "",
            "",
            f"companies({company_id})/",
            "Company('Nordlicht')/",
            "companies(a=1,b=2)/",
        )

    def request(self) -> tuple[str, str, bytes]:
        """A method, an address and a body."""
        chance = self._random
        sets, root = chance.choice(((API_SETS, "/BC/api/v2.0/"), (PAGE_SERVICES, "/BC/ODataV4/")))
        published = chance.choice(list(sets.values()))
        url = root + chance.choice(self._companies) + published.name
        if chance.random() < 0.4:
            url += chance.choice(_KEYS)
        if chance.random() < 0.2:
            url += "/" + chance.choice(_TAILS)
        query = "&".join(quote(option, safe="$=,'()@/") for option in self._options(published))
        method = chance.choice(("GET",) * 6 + ("PATCH", "POST", "DELETE"))
        names = [self._name(published) for _ in range(chance.randint(0, 4))]
        body = {name: chance.choice(_BODY_VALUES) for name in names}
        return method, f"{url}?{query}", b"" if method == "GET" else json.dumps(body).encode()

    def _name(self, published: PublishedSet) -> str:
        if self._random.random() < 0.9:
            return self._random.choice(published.properties).name
        return self._random.choice(("x", "No/y", "$it", ""))

    def _options(self, published: PublishedSet) -> list[str]:
        chance = self._random
        options = []
        if chance.random() < 0.6:
            parts = [self._condition(published) for _ in range(chance.randint(1, 3))]
            options.append("$filter=" + chance.choice((" and ", " or ")).join(parts))
        for option, direction in (("$select", ""), ("$orderby", " desc")):
            if chance.random() < 0.4:
                names = [self._name(published) + chance.choice(("", direction)) for _ in range(2)]
                options.append(f"{option}={','.join(names)}")
        for option, values in (("$top", ("0", "5", "x", "-1")), ("$skip", ("1", "5000")), ("@p", _LITERALS)):
            if chance.random() < 0.3:
                options.append(f"{option}={chance.choice(values)}")
        if chance.random() < 0.2:
            options.append("$expand=" + chance.choice([*published.by_navigation, "x"]))
        return options

    def _condition(self, published: PublishedSet) -> str:
        chance = self._random
        name, literal = self._name(published), chance.choice(_LITERALS)
        function = chance.choice(("contains", "startswith", "endswith"))
        operator = chance.choice(("eq", "ne", "gt", "ge", "lt", "le", "has"))
        return chance.choice(
            (
                f"{name} {operator} {literal}",
                f"{literal} {operator} {name}",
                f"{function}({name},{literal})",
                f"{function}(tolower({name}),{literal})",
                f"not ({name} eq {literal})",
                name,
            )
        )


@pytest.mark.parametrize("seed", range(4))
def test_no_request_breaks_the_service(erp: Any, seed: int) -> None:
    """Odd requests are answered below 500, or with 501 for what the service never learned."""
    for name in ("A", "B"):
        erp.post(f"{erp.company}/customers", {"displayName": name})
    erp.post(f"{erp.company}/salesOrders", {"customerNumber": "C00010"})
    odd = _Odd(seed, erp.app.company.id)
    for _ in range(400):
        method, url, body = odd.request()
        response = erp.send(method, url, body, {"If-Match": "*"})
        assert response.status < 500 or response.status == 501, (method, url, body)
