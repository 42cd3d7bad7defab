"""What pages call the fields of the ERP."""

import pytest

from interlace.lead_to_cash import DEFAULT_MAPPINGS
from interlace.management.field_captions import CAPTIONS
from interlace.ui.words import ENGLISH, words_of
from interlace.web.field_captions import field_caption


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("Phone_No", "Phone No."),
        ("Credit_Limit_LCY", "Credit Limit (LCY)"),
        ("Shoe_Size_LCY", "Shoe Size LCY"),
        ("telephone1", "telephone1"),
        ("address1_line1", "address1_line1"),
    ],
)
def test_a_field_is_called_as_people_know_it(name: str, caption: str) -> None:
    """Its caption, else its name with spaces; columns of the CRM keep their names."""
    assert field_caption(ENGLISH, name) == caption


def test_captions_are_in_the_language_of_the_reader() -> None:
    """The ERP's own translations."""
    assert field_caption(words_of("ru_RU"), "City") == "Город"


def test_each_caption_belongs_to_a_field_of_a_mapping() -> None:
    """No caption waits for a field that nothing transfers."""
    known = {row.erp_field for mapping in DEFAULT_MAPPINGS for row in mapping.fields}
    assert set(CAPTIONS) <= known
