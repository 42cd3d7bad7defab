"""What is done about each thing that a check of a connection finds wrong at an end, by how it signs in there."""

from dataclasses import dataclass

from interlace.bootstrap.application import Connection
from interlace.bootstrap.connection_settings import SignInMethod
from interlace.locale.translatable import as_sentence, translatable


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEnd:
    """How the checks of one end name what can be wrong, and what to do about it."""

    caption: str
    address: str
    change_address: str
    change_sign_in: str
    change_company: str = ""


def erp_end(connection: Connection) -> CheckedEnd:
    """The ERP as the connection works with it."""
    change = f"interlace connection change {connection.settings.name}"
    return CheckedEnd(
        caption="ERP",
        address=connection.settings.erp_address,
        change_address=translatable(
            "Start the ERP, or correct its address up to the instance: `{change} --erp URL`.", change=change
        ),
        change_sign_in=_erp_sign_in_remedy(connection, change),
        change_company=translatable("Run `{change} --company NAME`.", change=change),
    )


def order_end(connection: Connection) -> CheckedEnd:
    """The ERP as the sales order user sees it."""
    change = f"interlace connection change {connection.settings.name}"
    return CheckedEnd(
        caption=translatable("Sales order user"),
        address=connection.settings.erp_address,
        change_address=translatable(
            "Start the ERP, or correct its address up to the instance: `{change} --erp URL`.", change=change
        ),
        change_sign_in=translatable(
            "Correct the sales order user or his web service access key, or give him the right that "
            "is named: `{change} --sales-order-user USER --sales-order-key-file FILE`.",
            change=change,
        ),
        change_company=translatable(
            "Give the user {sales_order_user} the right to see the company.",
            sales_order_user=connection.settings.sales_order_user,
        ),
    )


def crm_end(connection: Connection) -> CheckedEnd:
    """The CRM."""
    change = f"interlace connection change {connection.settings.name}"
    return CheckedEnd(
        caption="CRM",
        address=connection.settings.crm_address,
        change_address=translatable(
            "See that it runs, or correct the address that can't be used: `{change} --crm URL "
            "--token-url URL`.",
            change=change,
        ),
        change_sign_in=_crm_sign_in_remedy(connection, change),
    )


def _erp_sign_in_remedy(connection: Connection, change: str) -> str:
    """Say how what the ERP refused is corrected, by the way the connection signs in."""
    match connection.settings.erp_method:
        case SignInMethod.BASIC | SignInMethod.TOKEN_ADDRESS:
            return translatable(
                "Correct the ERP user or its web service access key, or give the user the right that is "
                "named: `{change} --erp-user USER --erp-key-file FILE`.",
                change=change,
            )
        case SignInMethod.NTLM:
            return translatable(
                "Correct the Windows account or its password, or make it a user of the ERP with the "
                "right that is named: `{change} --erp-user DOMAIN\\user --erp-password-file FILE`.",
                change=change,
            )
        case SignInMethod.DEVICE_CODE:
            return translatable(
                "Sign in again: `interlace connection sign-in {name} --erp`, and see that the person is "
                "a user of the ERP.",
                name=connection.settings.name,
            )
        case SignInMethod.CLIENT_SECRET:
            options = "--erp-client-id ID --erp-secret-file FILE --erp-authority URL"
        case SignInMethod.CERTIFICATE:
            options = "--erp-client-id ID --erp-certificate-file FILE --erp-authority URL"
    return translatable(
        "Correct what is named, and see that the ERP's page Microsoft Entra Applications lists "
        "the client id as enabled, with permission sets: `{change} {options}`.",
        change=change,
        options=options,
    )


def _crm_sign_in_remedy(connection: Connection, change: str) -> str:
    """Say how what the CRM refused is corrected, by the way the connection signs in."""
    match connection.settings.crm_method:
        case SignInMethod.BASIC | SignInMethod.NTLM:
            return translatable(
                "Correct the CRM user or the password: `{change} --crm-user USER --crm-password-file FILE`.",
                change=change,
            )
        case SignInMethod.DEVICE_CODE:
            return translatable(
                "Sign in again: `interlace connection sign-in {name} --crm`, and see that the person is "
                "an enabled user of the CRM.",
                name=connection.settings.name,
            )
        case SignInMethod.TOKEN_ADDRESS:
            what, options = (
                as_sentence(translatable("token address")),
                "--client-id ID --crm-secret-file FILE --token-url URL",
            )
        case SignInMethod.CLIENT_SECRET:
            what, options = (
                as_sentence(translatable("tenant")),
                "--client-id ID --crm-secret-file FILE --crm-authority URL",
            )
        case SignInMethod.CERTIFICATE:
            what, options = (
                as_sentence(translatable("tenant")),
                "--client-id ID --crm-certificate-file FILE --crm-authority URL",
            )
    return translatable(
        "Correct the client id, its secret or the {what}, and see that the application user "
        "exists: `{change} {options}`.",
        what=what,
        change=change,
        options=options,
    )
