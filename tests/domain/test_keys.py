"""The keys of records that a synchronization creates."""

from hypothesis import given
from hypothesis import strategies as st

from interlace.domain.keys import (
    CrmKey,
    ErpKey,
    MappingName,
    choice_number_of,
    crm_key_of,
    erp_number_of,
    key_namespace,
)

NAMESPACE = key_namespace("company", "organization", MappingName("CUSTOMER"))
OTHER = key_namespace("company", "organization", MappingName("CONTACT"))


def test_keys_never_change_between_releases() -> None:
    """A restart with another release must find what this one created."""
    assert crm_key_of(NAMESPACE, ErpKey("10000")) == "d6de0d66-6d64-52a1-914e-edd730f4f8ae"
    assert erp_number_of(NAMESPACE, CrmKey("a")) == "CRMYWEDAGMJVBOP5"
    assert choice_number_of(NAMESPACE, ErpKey("14 DAYS")) == "728854306"


@given(st.text(min_size=1))
def test_each_kind_of_key_has_the_form_that_its_service_takes(key: str) -> None:
    """A GUID in small letters, a code of 16 characters, a number of the custom choices' range."""
    crm_key = crm_key_of(NAMESPACE, ErpKey(key))
    assert len(crm_key) == 36
    assert crm_key == crm_key.lower()
    number = erp_number_of(NAMESPACE, CrmKey(key))
    assert len(number) == 16
    assert number.startswith("CRM")
    assert 727_000_000 <= int(choice_number_of(NAMESPACE, ErpKey(key))) < 737_000_000


def test_mappings_do_not_share_keys() -> None:
    """A customer and a contact of one number become different records."""
    assert crm_key_of(NAMESPACE, ErpKey("1")) != crm_key_of(OTHER, ErpKey("1"))
