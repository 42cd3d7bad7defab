"""Every question of the set-up, declared once: prompts, answers file, its example and the reference are made of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from interlace.bootstrap.connection_settings import (
    CRM_CERTIFICATE,
    CRM_PASSWORD,
    CRM_SECRET,
    ERP_CERTIFICATE,
    ERP_KEY_SECRET,
    ERP_ONLINE_SCOPE,
    ERP_SECRET,
    FEED_KEY_SECRET,
    PERSON,
    SALES_ORDER_KEY_SECRET,
    TEAM,
    ConnectionSettings,
    SignInMethod,
)
from interlace.bootstrap.credentials import secret_of
from interlace.domain.side import Side

Answer: TypeAlias = str | bool | tuple[str, ...]
Applies = Callable[[ConnectionSettings], bool]


class StepName(StrEnum):
    """The steps in their order."""

    ADDRESSES = "addresses"
    SIGN_IN = "sign-in"
    TABLES = "tables"
    AVAILABILITY = "availability"
    ORDERS = "orders"
    OWNERSHIP = "ownership"
    SOLUTION = "solution"
    ACCOUNT = "account"
    SALESPEOPLE = "salespeople"
    PRIVILEGES = "privileges"
    RECOMMENDATIONS = "recommendations"
    ENABLE = "enable"
    PUBLISH = "publish"
    FULL_SYNCHRONIZATION = "full-synchronization"


class AnswerKind(StrEnum):
    """What an answer is."""

    TEXT = "text"
    FLAG = "flag"
    NAMES = "names"
    SECRET_FILE = "secret file"  # noqa: S105 - the name of a kind


def _always(_settings: ConnectionSettings) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: its key in the answers file, and where its answer is kept."""

    key: str
    step: StepName
    caption: str
    help: str
    kind: AnswerKind = AnswerKind.TEXT
    field: str = ""
    """Field of the connection's settings; blank: the answer is kept nowhere."""
    secret: str = ""
    """Name of the stored secret; blank with a secret file: the administrator's, which is never stored."""
    default: Answer = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    asked: bool = True
    """A person without an answers file is asked; the others are for the file alone."""
    applies: Applies = _always


def _erp_by(*methods: SignInMethod) -> Applies:
    return lambda settings: settings.erp_method in methods


def _crm_by(*methods: SignInMethod) -> Applies:
    return lambda settings: settings.crm_method in methods


def _needs(side: Side, secret: str) -> Applies:
    return lambda settings: secret_of(settings, side) == secret


_DIRECTORY = (SignInMethod.CLIENT_SECRET, SignInMethod.CERTIFICATE, SignInMethod.DEVICE_CODE)
_ERP_WAYS = tuple(each.value for each in SignInMethod if each is not SignInMethod.TOKEN_ADDRESS)
_CRM_WAYS = tuple(each.value for each in SignInMethod)
_SECRET = AnswerKind.SECRET_FILE

_ADDRESSES = (
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

_ERP_SIGN_IN = (
    Question(
        key="erp.sign_in",
        step=StepName.SIGN_IN,
        caption="How to sign in at the ERP",
        help="basic: user and web service access key; the others: Microsoft Entra ID.",
        field="erp_authentication",
        default=SignInMethod.BASIC.value,
        choices=_ERP_WAYS,
    ),
    Question(
        key="erp.user",
        step=StepName.SIGN_IN,
        caption="ERP user",
        help="For basic: the user that Interlace works as.",
        field="erp_user",
        example="INTERLACE",
        required=True,
        applies=_erp_by(SignInMethod.BASIC),
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
        key="erp.authority",
        step=StepName.SIGN_IN,
        caption="Sign-in service of the ERP",
        help="With the tenant; not for basic.",
        field="erp_authority",
        example="https://login.microsoftonline.com/TENANT",
        required=True,
        applies=_erp_by(*_DIRECTORY),
    ),
    Question(
        key="erp.client_id",
        step=StepName.SIGN_IN,
        caption="Client id for the ERP",
        help="Of the app registration; not for basic.",
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

_CRM_SIGN_IN = (
    Question(
        key="crm.sign_in",
        step=StepName.SIGN_IN,
        caption="How to sign in at the CRM",
        help="client-secret, certificate or device-code: Microsoft Entra ID; basic: on premises.",
        field="crm_authentication",
        default=SignInMethod.CLIENT_SECRET.value,
        choices=_CRM_WAYS,
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
        help="For basic.",
        field="crm_user",
        required=True,
        applies=_crm_by(SignInMethod.BASIC),
    ),
    Question(
        key="crm.password_file",
        step=StepName.SIGN_IN,
        caption="Password of the CRM user",
        help="For basic: file with the password.",
        kind=_SECRET,
        secret=CRM_PASSWORD,
        required=True,
        applies=_needs(Side.CRM, CRM_PASSWORD),
    ),
)

_CHOICES = (
    Question(
        key="tables.leave_out",
        step=StepName.TABLES,
        caption="Mappings to leave out",
        help="Names as `interlace mappings list` shows them; none: everything is synchronized.",
        kind=AnswerKind.NAMES,
        field="left_out",
        default=(),
        example="RESOURCE-PRODUCT",
    ),
    Question(
        key="availability.publish",
        step=StepName.AVAILABILITY,
        caption="Let CRM users look up the ERP's stock",
        help="Publishes the availability feed once the connection is enabled.",
        kind=AnswerKind.FLAG,
        field="publish_availability",
        default=False,
    ),
    Question(
        key="availability.user",
        step=StepName.AVAILABILITY,
        caption="ERP user who may only read the feed",
        help="Needed where the ERP issues no feed tokens (every ERP without our extension); blank: the ERP's token.",
        field="availability_user",
        applies=lambda settings: settings.publish_availability,
    ),
    Question(
        key="availability.key_file",
        step=StepName.AVAILABILITY,
        caption="Web service access key of that user",
        help="File with the key. CRM users can read it: the user must have no other right.",
        kind=_SECRET,
        secret=FEED_KEY_SECRET,
        applies=lambda settings: settings.publish_availability and bool(settings.availability_user),
    ),
    Question(
        key="orders.integration",
        step=StepName.ORDERS,
        caption="CRM orders become ERP orders",
        help="Submitted orders are created in the ERP.",
        kind=AnswerKind.FLAG,
        field="order_integration",
        default=True,
    ),
    Question(
        key="orders.two_way",
        step=StepName.ORDERS,
        caption="Keep orders in step both ways",
        help="Excludes orders.integration.",
        kind=AnswerKind.FLAG,
        field="bidirectional_orders",
        default=False,
        asked=False,
    ),
    Question(
        key="orders.user",
        step=StepName.ORDERS,
        caption="ERP user who creates the sales orders",
        help="Or the client id of such an application; blank: the ERP user does.",
        field="sales_order_user",
        applies=lambda settings: settings.order_integration or settings.bidirectional_orders,
    ),
    Question(
        key="orders.key_file",
        step=StepName.ORDERS,
        caption="Key of the user who creates the sales orders",
        help="File with the web service access key, or the application's secret.",
        kind=_SECRET,
        secret=SALES_ORDER_KEY_SECRET,
        applies=lambda settings: bool(settings.sales_order_user),
    ),
    Question(
        key="orders.write_in_type",
        step=StepName.ORDERS,
        caption="What write-in products become",
        help="item or resource; blank: orders with products that are only named are held.",
        field="write_in_product_type",
        choices=("", "item", "resource"),
        applies=lambda settings: settings.order_integration or settings.bidirectional_orders,
    ),
    Question(
        key="orders.write_in_number",
        step=StepName.ORDERS,
        caption="Number of that item or resource",
        help="It must exist in the ERP and must not be coupled.",
        field="write_in_product_number",
        applies=lambda settings: bool(settings.write_in_product_type),
    ),
    Question(
        key="ownership.model",
        step=StepName.OWNERSHIP,
        caption="Who owns what Interlace creates in the CRM",
        help="person: the CRM user of the record's salesperson; team: one team, and salespeople take no part.",
        field="ownership",
        default=PERSON,
        choices=(PERSON, TEAM),
    ),
    Question(
        key="ownership.team",
        step=StepName.OWNERSHIP,
        caption="Name of the owning team",
        help="In the business unit of the integration user; made if it is missing, and given the integration role.",
        field="owning_team",
        default="Interlace",
        applies=lambda settings: settings.is_owned_by_team,
    ),
)

_ADMINISTRATOR = (
    Question(
        key="administrator.sign_in",
        step=StepName.SOLUTION,
        caption="How the CRM's administrator signs in",
        help="device-code: a person with a code; client-secret, certificate, token-address: an application that is "
        "an administrator; basic: on premises. Used once and kept nowhere.",
        default=SignInMethod.DEVICE_CODE.value,
        choices=_CRM_WAYS,
    ),
    Question(
        key="administrator.client_id",
        step=StepName.SOLUTION,
        caption="Client id of the administrator's app registration",
        help="Blank with device-code: the connection's own.",
    ),
    Question(
        key="administrator.user",
        step=StepName.SOLUTION,
        caption="Administrator's user name",
        help="For basic.",
    ),
    Question(
        key="administrator.authority",
        step=StepName.SOLUTION,
        caption="Sign-in service of the administrator",
        help="Blank: the connection's.",
        asked=False,
    ),
    Question(
        key="administrator.secret_file",
        step=StepName.SOLUTION,
        caption="Administrator's password, secret or certificate",
        help="File with it, read once when the solution is imported; not for device-code.",
        kind=_SECRET,
        example="-",
    ),
    Question(
        key="administrator.add_user",
        step=StepName.SOLUTION,
        caption="Make the CRM user of the integration's app registration",
        help="If the organization has none.",
        kind=AnswerKind.FLAG,
        default=True,
        asked=False,
    ),
    Question(
        key="administrator.track_changes",
        step=StepName.SOLUTION,
        caption="Have the CRM track the changes of the tables",
        help="Where it does not yet. It can't be switched off again; without it, deletions are found later.",
        kind=AnswerKind.FLAG,
        default=False,
        asked=False,
    ),
)

_LAST = (
    Question(
        key="availability.web_client",
        step=StepName.PUBLISH,
        caption="Address of the ERP's web client",
        help="For the links of CRM users; blank: the ERP's address.",
        asked=False,
    ),
    Question(
        key="full_synchronization.start",
        step=StepName.FULL_SYNCHRONIZATION,
        caption="Start the full synchronization",
        help="false: the set-up ends with the connection enabled.",
        kind=AnswerKind.FLAG,
        default=True,
    ),
    Question(
        key="full_synchronization.recommend_full",
        step=StepName.FULL_SYNCHRONIZATION,
        caption="Mappings that create what is missing though both sides are filled",
        help="Only if you know that the two sides hold different records.",
        kind=AnswerKind.NAMES,
        default=(),
        asked=False,
    ),
)

QUESTIONS: Sequence[Question] = (
    *_ADDRESSES,
    *_ERP_SIGN_IN,
    *_CRM_SIGN_IN,
    *_CHOICES,
    *_ADMINISTRATOR,
    *_LAST,
)
BY_KEY = {each.key: each for each in QUESTIONS}


def questions_of(step: StepName) -> tuple[Question, ...]:
    """Return the questions of a step, in order."""
    return tuple(each for each in QUESTIONS if each.step is step)
