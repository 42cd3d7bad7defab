"""The credentials of a connection: what each is called, and where it may come from."""

from collections.abc import Sequence
from dataclasses import dataclass

from interlace.bootstrap.connection_settings import (
    CRM_CERTIFICATE,
    CRM_PASSWORD,
    CRM_SECRET,
    ERP_CERTIFICATE,
    ERP_KEY_SECRET,
    ERP_PASSWORD,
    ERP_SECRET,
    SALES_ORDER_KEY_SECRET,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSource:
    """One credential of a connection and where it may come from."""

    secret: str
    caption: str
    option: str
    variable: str


SOURCES: Sequence[SecretSource] = (
    SecretSource(
        secret=ERP_KEY_SECRET,
        caption="ERP web service access key",
        option="--erp-key-file",
        variable="INTERLACE_ERP_ACCESS_KEY",
    ),
    SecretSource(
        secret=ERP_PASSWORD,
        caption="ERP user's password",
        option="--erp-password-file",
        variable="INTERLACE_ERP_PASSWORD",
    ),
    SecretSource(
        secret=ERP_SECRET,
        caption="ERP client secret",
        option="--erp-secret-file",
        variable="INTERLACE_ERP_CLIENT_SECRET",
    ),
    SecretSource(
        secret=ERP_CERTIFICATE,
        caption="ERP certificate",
        option="--erp-certificate-file",
        variable="INTERLACE_ERP_CERTIFICATE",
    ),
    SecretSource(
        secret=CRM_SECRET,
        caption="CRM client secret",
        option="--crm-secret-file",
        variable="INTERLACE_CRM_CLIENT_SECRET",
    ),
    SecretSource(
        secret=CRM_PASSWORD,
        caption="CRM user's password",
        option="--crm-password-file",
        variable="INTERLACE_CRM_PASSWORD",
    ),
    SecretSource(
        secret=CRM_CERTIFICATE,
        caption="CRM certificate",
        option="--crm-certificate-file",
        variable="INTERLACE_CRM_CERTIFICATE",
    ),
    SecretSource(
        secret=SALES_ORDER_KEY_SECRET,
        caption="sales order user's web service access key",
        option="--sales-order-key-file",
        variable="INTERLACE_SALES_ORDER_KEY",
    ),
)
