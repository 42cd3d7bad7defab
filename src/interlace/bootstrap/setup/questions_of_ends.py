"""The questions about both ends: where they are, and how to sign in there."""

from interlace.bootstrap.connection_settings import (
    CRM_CERTIFICATE,
    CRM_PASSWORD,
    CRM_SECRET,
    ERP_CERTIFICATE,
    ERP_KEY_SECRET,
    ERP_ONLINE_SCOPE,
    ERP_PASSWORD,
    ERP_PRODUCTS,
    ERP_SECRET,
    SignInMethod,
)
from interlace.bootstrap.credentials import secret_of
from interlace.bootstrap.setup.question import AnswerKind, Applies, Question, StepName
from interlace.domain.side import Side


def _erp_by(*methods: SignInMethod) -> Applies:
    return lambda settings: settings.erp_method in methods


def _crm_by(*methods: SignInMethod) -> Applies:
    return lambda settings: settings.crm_method in methods


def _needs(side: Side, secret: str) -> Applies:
    return lambda settings: secret_of(settings, side) == secret


_DIRECTORY = (SignInMethod.CLIENT_SECRET, SignInMethod.CERTIFICATE, SignInMethod.DEVICE_CODE)
_USER = (SignInMethod.BASIC, SignInMethod.NTLM)
_ERP_WAYS = tuple(each.value for each in SignInMethod if each is not SignInMethod.TOKEN_ADDRESS)
CRM_WAYS = tuple(each.value for each in SignInMethod)
_SECRET = AnswerKind.SECRET_FILE

ADDRESSES = (
    Question(
        key="erp.address",
        step=StepName.ADDRESSES,
        caption="Address of the ERP",
        help="Up to and with the instance or environment.",
        field="erp_address",
        example="https://erp.example.com:7048/BC",
        required=True,
    ),
    Question(
        key="erp.company",
        step=StepName.ADDRESSES,
        caption="Company",
        help="As the ERP shows it in its title.",
        field="erp_company",
        example="Nordlicht",
        required=True,
    ),
    Question(
        key="erp.product",
        step=StepName.ADDRESSES,
        caption="Product of the ERP",
        help="bc: Business Central; nav2018 and nav2017: NAV, without API v2.0, companies by name only.",
        field="erp_product",
        default=ERP_PRODUCTS[0],
        choices=ERP_PRODUCTS,
    ),
    Question(
        key="crm.address",
        step=StepName.ADDRESSES,
        caption="Address of the CRM",
        help="Up to the host.",
        field="crm_address",
        example="https://org.crm4.dynamics.com",
        required=True,
    ),
    Question(
        key="erp.internal_host",
        step=StepName.ADDRESSES,
        caption="The ERP lies inside the own network",
        help="Allow an address of this machine or the own network; without it only localhost and 127.0.0.1.",
        kind=AnswerKind.FLAG,
        field="erp_internal_host",
        default=False,
        asked=False,
    ),
    Question(
        key="crm.internal_host",
        step=StepName.ADDRESSES,
        caption="The CRM lies inside the own network",
        help="The same for the CRM and its sign-in service.",
        kind=AnswerKind.FLAG,
        field="crm_internal_host",
        default=False,
        asked=False,
    ),
    Question(
        key="erp.ca_file",
        step=StepName.ADDRESSES,
        caption="Private certificate authority of the ERP",
        help="PEM file; blank: a public authority.",
        field="erp_ca_file",
        asked=False,
    ),
    Question(
        key="crm.ca_file",
        step=StepName.ADDRESSES,
        caption="Private certificate authority of the CRM",
        help="PEM file; blank: a public authority.",
        field="crm_ca_file",
        asked=False,
    ),
)

ERP_SIGN_IN = (
    Question(
        key="erp.sign_in",
        step=StepName.SIGN_IN,
        caption="How to sign in at the ERP",
        help="basic: user and web service access key; ntlm: Windows account; the others: Microsoft Entra ID.",
        field="erp_authentication",
        default=SignInMethod.BASIC.value,
        choices=_ERP_WAYS,
    ),
    Question(
        key="erp.user",
        step=StepName.SIGN_IN,
        caption="ERP user",
        help="For basic and ntlm: the user that Interlace works as; for ntlm with its domain, as DOMAIN\\user.",
        field="erp_user",
        example="INTERLACE",
        required=True,
        applies=_erp_by(*_USER),
    ),
    Question(
        key="erp.key_file",
        step=StepName.SIGN_IN,
        caption="Web service access key of the ERP user",
        help="For basic: file with the key.",
        kind=_SECRET,
        secret=ERP_KEY_SECRET,
        example="erp-key.txt",
        required=True,
        applies=_needs(Side.ERP, ERP_KEY_SECRET),
    ),
    Question(
        key="erp.password_file",
        step=StepName.SIGN_IN,
        caption="Password of the ERP user",
        help="For ntlm: file with the password of the Windows account.",
        kind=_SECRET,
        secret=ERP_PASSWORD,
        required=True,
        applies=_needs(Side.ERP, ERP_PASSWORD),
    ),
    Question(
        key="erp.authority",
        step=StepName.SIGN_IN,
        caption="Sign-in service of the ERP",
        help="With the tenant; not for basic and ntlm.",
        field="erp_authority",
        example="https://login.microsoftonline.com/TENANT",
        required=True,
        applies=_erp_by(*_DIRECTORY),
    ),
    Question(
        key="erp.client_id",
        step=StepName.SIGN_IN,
        caption="Client id for the ERP",
        help="Of the app registration; not for basic and ntlm.",
        field="erp_client_id",
        required=True,
        applies=_erp_by(*_DIRECTORY),
    ),
    Question(
        key="erp.secret_file",
        step=StepName.SIGN_IN,
        caption="Client secret for the ERP",
        help="For client-secret: file with its value.",
        kind=_SECRET,
        secret=ERP_SECRET,
        required=True,
        applies=_needs(Side.ERP, ERP_SECRET),
    ),
    Question(
        key="erp.certificate_file",
        step=StepName.SIGN_IN,
        caption="Certificate for the ERP",
        help="For certificate: PEM file with private key and certificate.",
        kind=_SECRET,
        secret=ERP_CERTIFICATE,
        required=True,
        applies=_needs(Side.ERP, ERP_CERTIFICATE),
    ),
    Question(
        key="erp.scope",
        step=StepName.SIGN_IN,
        caption="Scope of the ERP's tokens",
        help="On premises an address of the server's ValidAudiences with /.default.",
        field="erp_scope",
        default=ERP_ONLINE_SCOPE,
        asked=False,
        applies=_erp_by(*_DIRECTORY),
    ),
)

CRM_SIGN_IN = (
    Question(
        key="crm.sign_in",
        step=StepName.SIGN_IN,
        caption="How to sign in at the CRM",
        help="client-secret, certificate or device-code: Microsoft Entra ID; basic or ntlm: on premises.",
        field="crm_authentication",
        default=SignInMethod.CLIENT_SECRET.value,
        choices=CRM_WAYS,
    ),
    Question(
        key="crm.authority",
        step=StepName.SIGN_IN,
        caption="Sign-in service of the CRM",
        help="With the tenant.",
        field="crm_authority",
        example="https://login.microsoftonline.com/TENANT",
        required=True,
        applies=_crm_by(*_DIRECTORY),
    ),
    Question(
        key="crm.token_url",
        step=StepName.SIGN_IN,
        caption="Token address of the CRM",
        help="For token-address: a service without a directory.",
        field="crm_token_url",
        required=True,
        applies=_crm_by(SignInMethod.TOKEN_ADDRESS),
    ),
    Question(
        key="crm.client_id",
        step=StepName.SIGN_IN,
        caption="Client id for the CRM",
        help="Of the app registration.",
        field="crm_client_id",
        required=True,
        applies=_crm_by(*_DIRECTORY, SignInMethod.TOKEN_ADDRESS),
    ),
    Question(
        key="crm.secret_file",
        step=StepName.SIGN_IN,
        caption="Client secret for the CRM",
        help="For client-secret and token-address: file with its value.",
        kind=_SECRET,
        secret=CRM_SECRET,
        example="crm-secret.txt",
        required=True,
        applies=_needs(Side.CRM, CRM_SECRET),
    ),
    Question(
        key="crm.certificate_file",
        step=StepName.SIGN_IN,
        caption="Certificate for the CRM",
        help="For certificate: PEM file with private key and certificate.",
        kind=_SECRET,
        secret=CRM_CERTIFICATE,
        required=True,
        applies=_needs(Side.CRM, CRM_CERTIFICATE),
    ),
    Question(
        key="crm.user",
        step=StepName.SIGN_IN,
        caption="CRM user",
        help="For basic and ntlm; for ntlm with its domain, as DOMAIN\\user.",
        field="crm_user",
        required=True,
        applies=_crm_by(*_USER),
    ),
    Question(
        key="crm.password_file",
        step=StepName.SIGN_IN,
        caption="Password of the CRM user",
        help="For basic and ntlm: file with the password.",
        kind=_SECRET,
        secret=CRM_PASSWORD,
        required=True,
        applies=_needs(Side.CRM, CRM_PASSWORD),
    ),
)
