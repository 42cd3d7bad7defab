"""The in-memory fake passes the suite that every service passes."""

from dataclasses import replace

import pytest

from interlace.domain.side import Side
from interlace.engine.ports import TableView
from interlace.testing.conformance import ConformanceSubject, ServiceConformance
from interlace.testing.fake_service import DEFAULT_CAPABILITIES, FakeService
from interlace.testing.marking_conformance import MarkedCreateConformance


class TestFakeServiceConforms(ServiceConformance):
    """The suite on the fake."""

    @pytest.fixture
    def subject(self) -> ConformanceSubject:
        """A fake with small pages."""
        service = FakeService(replace(DEFAULT_CAPABILITIES, read_page_size=7))
        service.refuse_value("customer", "Forbidden", "is not allowed")
        return ConformanceSubject(
            service=service,
            view=TableView(side=Side.ERP, table="customer", fields=("Name", "City", "Credit", "Forbidden")),
            key_of=lambda number: f"C{number:05d}",
            text_field="Name",
            number_field="Credit",
            refused={"Forbidden": "X"},
            tricky_keys=("A'B", "Ü&Ö", "100%", "a/b?c#d"),
        )


class TestFakeServiceThatChoosesKeysConforms(MarkedCreateConformance):
    """The suite on the fake that numbers its records itself."""

    @pytest.fixture
    def subject(self) -> ConformanceSubject:
        """A fake with a field for marks."""
        service = FakeService(replace(DEFAULT_CAPABILITIES, insert_with_key=False, mark_field="Mark"))
        return ConformanceSubject(
            service=service,
            view=TableView(side=Side.ERP, table="customer", fields=("Name",)),
            key_of=lambda number: f"M{number:05d}",
            text_field="Name",
        )
