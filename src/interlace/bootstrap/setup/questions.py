"""Every question about a connection, declared once.

Prompts, answers file, wizard, options of the command line, Connection Setup and the reference pages are made of it.
"""

from collections.abc import Sequence

from interlace.bootstrap.connection_settings import (
    FEED_KEY_SECRET,
    PERSON,
    SALES_ORDER_KEY_SECRET,
    TEAM,
    SignInMethod,
)
from interlace.bootstrap.setup.question import AnswerKind, Question, StepName
from interlace.bootstrap.setup.questions_of_ends import ADDRESSES, CRM_SIGN_IN, CRM_WAYS, ERP_SIGN_IN
from interlace.domain.side import Side

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
        help="Needed where the ERP issues no feed tokens (only the embedded one does); blank: the ERP's token.",
        field="availability_user",
        when=lambda settings: settings.publish_availability,
    ),
    Question(
        key="availability.key_file",
        step=StepName.AVAILABILITY,
        caption="Web service access key of that user",
        help="File with the key. CRM users can read it: the user must have no other right.",
        kind=AnswerKind.SECRET_FILE,
        secret=FEED_KEY_SECRET,
        when=lambda settings: settings.publish_availability and bool(settings.availability_user),
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
        side=Side.ERP,
        option="--sales-order-user",
        when=lambda settings: settings.order_integration or settings.bidirectional_orders,
    ),
    Question(
        key="orders.key_file",
        step=StepName.ORDERS,
        caption="Key of the user who creates the sales orders",
        help="File with the web service access key, or the application's secret.",
        kind=AnswerKind.SECRET_FILE,
        secret=SALES_ORDER_KEY_SECRET,
        side=Side.ERP,
        option="--sales-order-key-file",
        variable="INTERLACE_SALES_ORDER_KEY",
        when=lambda settings: bool(settings.sales_order_user),
    ),
    Question(
        key="orders.write_in_type",
        step=StepName.ORDERS,
        caption="What write-in products become",
        help="item or resource; blank: orders with products that are only named are held.",
        hint="With nothing chosen, orders with products that are only named are held.",
        field="write_in_product_type",
        choices=("", "item", "resource"),
        when=lambda settings: settings.order_integration or settings.bidirectional_orders,
    ),
    Question(
        key="orders.write_in_number",
        step=StepName.ORDERS,
        caption="Number of that item or resource",
        help="It must exist in the ERP and must not be coupled.",
        field="write_in_product_number",
        when=lambda settings: bool(settings.write_in_product_type),
    ),
    Question(
        key="ownership.model",
        step=StepName.OWNERSHIP,
        caption="Who owns what Interlace creates in the CRM",
        help="person: the CRM user of the record's salesperson; team: one team, and salespeople take no part.",
        hint="With a team salespeople take no part.",
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
        when=lambda settings: settings.is_owned_by_team,
    ),
)

_ADMINISTRATOR = (
    Question(
        key="administrator.sign_in",
        step=StepName.SOLUTION,
        caption="How the CRM's administrator signs in",
        help="device-code: a person with a code; client-secret, certificate, token-address: an application that is "
        "an administrator; basic or ntlm: on premises. Used once and kept nowhere.",
        hint="Used once and kept nowhere.",
        default=SignInMethod.DEVICE_CODE.value,
        choices=CRM_WAYS,
    ),
    Question(
        key="administrator.client_id",
        step=StepName.SOLUTION,
        caption="Client id of the administrator's app registration",
        help="Blank with device-code: the connection's own.",
        hint="Blank when a person signs in with a code: the connection's own.",
        only_for=(
            "administrator.sign_in",
            tuple(each for each in CRM_WAYS if not SignInMethod(each).takes_user),
        ),
    ),
    Question(
        key="administrator.user",
        step=StepName.SOLUTION,
        caption="Administrator's user name",
        help="For basic and ntlm.",
        hint="For an administrator who signs in with a user or a Windows account.",
        only_for=("administrator.sign_in", (SignInMethod.BASIC.value, SignInMethod.NTLM.value)),
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
        kind=AnswerKind.SECRET_FILE,
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
    *ADDRESSES,
    *ERP_SIGN_IN,
    *CRM_SIGN_IN,
    *_CHOICES,
    *_ADMINISTRATOR,
    *_LAST,
)
BY_KEY = {each.key: each for each in QUESTIONS}


def questions_of(step: StepName) -> tuple[Question, ...]:
    """Return the questions of a step, in order."""
    return tuple(each for each in QUESTIONS if each.step is step)
