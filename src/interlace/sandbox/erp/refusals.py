"""The error answers of the embedded ERP: one function a situation, with the service's codes.

Texts are our own; codes and statuses are those that clients know (`docs/reference`).
"""

from interlace.sandbox.erp.declaration import Field, Table
from interlace.sandbox.exchange import Refusal
from interlace.sandbox.limits import LimitKind

TOO_MANY = (
    429,
    "Application_TooManyRequests",
    "Too many requests reached. Actual ({actual}). Maximum ({maximum}).",
)
THROTTLING = {
    LimitKind.QUEUE_TIME: (
        503,
        "Internal_TenantUnavailable",
        "The request waited too long for others to end. Nothing was done.",
    ),
    LimitKind.OPERATION_TIME: (
        408,
        "Internal_RequestTimeout",
        "The operation was cancelled because it took longer than an operation may. Nothing was done.",
    ),
    LimitKind.GATEWAY_TIME: (504, "Gateway_Timeout", "The service did not answer the gateway in time."),
}
"""Status, code and text by the limit that was reached; every other limit is told as too many requests."""


def bad_body(message: str) -> Refusal:
    """The body is not what the operation takes: broken JSON, an unknown property, a wrong type."""
    return Refusal(400, "BadRequest", message)


def unknown_property(name: str, entity: str) -> Refusal:
    """The body names a property that the entity doesn't have."""
    return bad_body(
        f"The property '{name}' does not exist on type '{entity}'. Make sure to only use property names that "
        "are defined by the type."
    )


def unknown_queried_property(name: str, entity: str) -> Refusal:
    """A query option names a property that the entity doesn't have."""
    return Refusal(
        400, "BadRequest_NotFound", f"Could not find a property named '{name}' on type '{entity}'."
    )


def bad_url(message: str) -> Refusal:
    """The address or a query option can't be read."""
    return Refusal(400, "BadRequest_InvalidRequestUrl", message)


def unknown_segment(segment: str) -> Refusal:
    """Nothing lives under this part of the address."""
    return Refusal(
        404,
        "BadRequest_ResourceNotFound",
        f"Resource not found for the segment '{segment}'. Check the address.",
    )


def not_supported(message: str) -> Refusal:
    """The service never learned this query."""
    return Refusal(501, "BadRequest_MethodNotImplemented", message)


def method_not_allowed(method: str, entity_set: str) -> Refusal:
    """The set doesn't take this verb."""
    return Refusal(
        405,
        "BadRequest_MethodNotAllowed",
        f"'{method}' requests for '{entity_set}' of EdmType 'Collection' are not allowed within this "
        "service.",
    )


def operation_not_allowed(operation: str, entity_set: str) -> Refusal:
    """The page is published without this right."""
    return Refusal(
        405,
        "BadRequest_MethodNotAllowed",
        f"Entity set '{entity_set}' does not support the operation {operation}.",
    )


def read_only_field(name: str) -> Refusal:
    """The field is maintained by the ERP."""
    return Refusal(
        400, "BadRequest_InvalidOperation", f"The field '{name}' is read only. Leave it out of the request."
    )


def token_missing() -> Refusal:
    """A change came without If-Match, or with one that is no tag."""
    return Refusal(
        400,
        "BadRequest_InvalidToken",
        "The request does not contain a valid If-Match header. Read the record and send its @odata.etag.",
    )


def entity_changed(table: Table, key: str) -> Refusal:
    """Somebody changed the record since the client read it."""
    return Refusal(
        409,
        "Request_EntityChanged",
        f"Another user has changed the record {table.caption} {key} since you read it. Read it again and "
        "repeat.",
    )


def record_missing(table: Table, key: str) -> Refusal:
    """There is no record with this key."""
    return Refusal(
        404, "Internal_RecordNotFound", f"The {table.caption} does not exist. Identification: '{key}'."
    )


def same_key(table: Table, key: str) -> Refusal:
    """A record with the key exists already."""
    return Refusal(
        400,
        "Internal_EntityWithSameKeyExists",
        f"The record in table {table.caption} already exists. Identification: {key}.",
    )


def related_missing(table: Table, field: Field, value: object) -> Refusal:
    """A field names a record of another table that isn't there."""
    related = field.relation.replace("_", " ")
    return Refusal(
        400,
        "Internal_InvalidTableRelation",
        f"The field {field.caption} of table {table.caption} contains a value ({value}) that cannot be found "
        f"in the related table ({related}). Create {related} {value} first or send another value.",
    )


def too_long(name: str, length: int, value: str) -> Refusal:
    """A text has more characters than its field takes."""
    return Refusal(
        400,
        "Application_StringExceededLength",
        f"The length of the string is {len(value)}, but it must be less than or equal to {length} "
        f"characters. Field: {name}. Value: {value}",
    )


def unknown_option(value: str, members: tuple[str, ...]) -> Refusal:
    """An option field got a value that is none of its members."""
    return Refusal(
        400, "Unknown", f"'{value}' is not an option. The existing options are: {','.join(members)}"
    )


def dialog(message: str) -> Refusal:
    """A rule of the application refuses the change."""
    return Refusal(400, "Application_DialogException", message)


def field_validation(message: str) -> Refusal:
    """A field's own rule refuses its value."""
    return Refusal(400, "Application_FieldValidationException", message)


def company_missing(name: str) -> Refusal:
    """The address names a company that this service doesn't have."""
    return Refusal(
        404, "Internal_CompanyNotFound", f"The company '{name}' does not exist. Look at /companies."
    )


def permission_missing(right: str, table: Table) -> Refusal:
    """The user has no right to do this."""
    return Refusal(
        403,
        "Authorization_RequestDenied",
        "Sorry, the current permissions prevented the action. "
        f"(TableData {table.caption} {right}: Base Application)",
    )


def parameter_missing(name: str) -> Refusal:
    """An action was called without one of its parameters, or with one of another type."""
    return Refusal(
        400,
        "BadRequest_RequiredParamNotProvided",
        f"The action needs the parameter '{name}' (true or false). Send it in the body.",
    )
