"""The messages and functions of sales as `$metadata` declares them: parameters, results, bindings."""

from __future__ import annotations

from collections.abc import Iterator

from interlace.odata.edm import ComplexType, EntityType, Operation, OperationImport, Parameter, Property
from interlace.sandbox.crm.schema import NAMESPACE

_GUID, _INT = "Edm.Guid", "Edm.Int32"
_COLUMN_SET = Parameter(name="ColumnSet", type=f"{NAMESPACE}.ColumnSet")


def _entity(name: str) -> str:
    return f"{NAMESPACE}.{name}"


def _needs(name: str, type_name: str) -> Parameter:
    return Parameter(name=name, type=type_name, nullable=False)


def _closing(name: str, parameter: str) -> Operation:
    activity = _needs(parameter, _entity(parameter.lower()))
    return Operation(name=name, parameters=(activity, _needs("Status", _INT)))


def _making(name: str, parameter: str, result: str, *more: Parameter) -> Operation:
    parameters = (_needs(parameter, _GUID), _COLUMN_SET, *more)
    return Operation(name=name, parameters=parameters, return_type=_entity(result))


def _bound(
    name: str, table: str, *more: Parameter, result: str | None = None, function: bool = False
) -> Operation:
    return Operation(
        name=name,
        bound=True,
        is_function=function,
        parameters=(_needs("entity", _entity(table)), *more),
        return_type=result,
    )


def _unbound() -> Iterator[Operation]:
    yield _closing("WinOpportunity", "OpportunityClose")
    yield _closing("LoseOpportunity", "OpportunityClose")
    yield _closing("WinQuote", "QuoteClose")
    yield _closing("CloseQuote", "QuoteClose")
    yield _closing("CancelSalesOrder", "OrderClose")
    yield _making("ReviseQuote", "QuoteId", "quote")
    yield _making(
        "ConvertQuoteToSalesOrder",
        "QuoteId",
        "salesorder",
        Parameter(name="QuoteCloseDate", type="Edm.DateTimeOffset"),
        Parameter(name="QuoteCloseStatus", type=_INT),
        Parameter(name="QuoteCloseSubject", type="Edm.String"),
        Parameter(name="QuoteCloseDescription", type="Edm.String"),
    )
    yield _making("ConvertSalesOrderToInvoice", "SalesOrderId", "invoice")
    yield _making("GenerateQuoteFromOpportunity", "OpportunityId", "quote")
    yield _making("GenerateSalesOrderFromOpportunity", "OpportunityId", "salesorder")
    yield _making("GenerateInvoiceFromOpportunity", "OpportunityId", "invoice")
    yield Operation(name="UnlockSalesOrderPricing", parameters=(_needs("SalesOrderId", _GUID),))
    yield Operation(name="UnlockInvoicePricing", parameters=(_needs("InvoiceId", _GUID),))
    target, parent = _needs("Target", _entity("crmbaseentity")), Parameter(name="ParentId", type=_GUID)
    yield Operation(name="CalculatePrice", parameters=(target, parent))
    yield Operation(name="RevertProduct", parameters=(_needs("Target", _entity("product")),))


def sales_operations() -> Iterator[Operation]:
    """All operations of sales."""
    yield from _unbound()
    orders = Parameter(name="entityset", type=f"Collection({_entity('salesorder')})", nullable=False)
    close = (_needs("OrderClose", _entity("orderclose")), _needs("Status", _INT))
    yield Operation(name="FulfillSalesOrder", bound=True, parameters=(orders, *close))
    yield _bound("LockSalesOrderPricing", "salesorder")
    yield _bound("LockInvoicePricing", "invoice")
    opportunity = _needs("Opportunity", _entity("opportunity"))
    yield _bound("GetQuoteProductsFromOpportunity", "quote", opportunity)
    yield _bound("GetSalesOrderProductsFromOpportunity", "salesorder", opportunity)
    yield _bound("GetInvoiceProductsFromOpportunity", "invoice", opportunity)
    yield _bound("PublishProductHierarchy", "product")
    yield _bound("CloneProduct", "product", result=_entity("product"))
    value = _entity("CalculateActualValueOpportunityResponse")
    yield _bound("CalculateActualValueOpportunity", "opportunity", result=value, function=True)
    asked = (_needs("Product", _entity("product")), _needs("UoM", _entity("uom")))
    for table in ("opportunity", "quote", "salesorder", "invoice"):
        result = _entity("GetQuantityDecimalResponse")
        yield _bound("GetQuantityDecimal", table, *asked, result=result, function=True)


def sales_imports() -> tuple[OperationImport, ...]:
    """The operations that are called at the service root."""
    return tuple(
        OperationImport(name=each.name, operation=_entity(each.name), is_function=each.is_function)
        for each in _unbound()
    )


def sales_types() -> tuple[ComplexType, ...]:
    """The complex types that operations of sales take and answer with."""
    decimal = Property(name="Value", type="Edm.Decimal", scale="Variable")
    columns = (
        Property(name="AllColumns", type="Edm.Boolean", nullable=False),
        Property(name="Columns", type="Collection(Edm.String)", nullable=False),
    )
    return (
        ComplexType(name="ColumnSet", properties=columns),
        ComplexType(name="CalculateActualValueOpportunityResponse", properties=(decimal,)),
        ComplexType(name="GetQuantityDecimalResponse", properties=(Property(name="Quantity", type=_INT),)),
    )


def any_record() -> EntityType:
    """The type that a parameter has which takes a record of any table."""
    return EntityType(name="crmbaseentity", abstract=True)
