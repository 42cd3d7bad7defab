"""What the ERP publishes, read from `$metadata`, compared with what views need: services, fields, verbs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from interlace.connectors.business_central.page_objects import publishing_of
from interlace.domain.privilege import Access
from interlace.locale.translatable import joined, translatable
from interlace.odata.edm import Model

_VERBS = {
    Access.CREATE: translatable("insert"),
    Access.WRITE: translatable("modify"),
    Access.DELETE: translatable("delete"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceGap:
    """Something that a page service lacks: the service itself, fields of it, or leave to write."""

    service: str
    fields: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    limit: str = ""
    """What this version of the ERP can't do at all."""

    @property
    def what(self) -> str:
        """Say what is missing."""
        if self.limit:
            return self.limit
        if self.fields:
            return translatable(
                "The ERP's page service {service} does not show: {fields}.",
                service=self.service,
                fields=", ".join(self.fields),
            )
        if self.verbs:
            return translatable(
                "The ERP's page service {service} does not let anybody do this with records: {verbs}.",
                service=self.service,
                verbs=joined(self.verbs, ", "),
            )
        return translatable("The ERP publishes no web service {service}.", service=self.service)

    @property
    def remedy(self) -> str:
        """Say what to do."""
        if self.limit:
            return translatable(
                "Let orders travel from the CRM to the ERP only: switch bidirectional orders off."
            )
        if self.fields:
            return translatable(
                "Publish a page that shows them as {service} (a page extension can add them; for NAV `interlace "
                "erp-services file --out pages.txt` writes pages that show everything), or take the rows out of the "
                "mapping.",
                service=self.service,
            )
        if self.verbs:
            return joined([translatable("Publish a card instead of a list."), publishing_of(self.service)])
        return publishing_of(self.service)

    @property
    def text(self) -> str:
        """Say both."""
        return joined([self.what, self.remedy])


NO_ACTIONS: Final = ServiceGap(
    service="SalesOrder",
    limit=translatable(
        "The pages of this ERP have no actions: Interlace can't release orders there, or reopen them."
    ),
)


def gaps_of(
    model: Model, wanted: Mapping[str, Iterable[str]], accesses: Mapping[str, Iterable[Access]]
) -> tuple[ServiceGap, ...]:
    """Return what is missing of the wanted fields by service, and of the wanted accesses to them."""
    gaps = []
    for service, names in wanted.items():
        entity_type = model.type_of_set(service)
        if entity_type is None:
            gaps.append(ServiceGap(service=service))
            continue
        shown = {each.name for each in model.properties_of(entity_type)}
        lacking = tuple(name for name in dict.fromkeys(names) if name not in shown)
        if lacking:
            gaps.append(ServiceGap(service=service, fields=lacking))
        refused = tuple(
            _VERBS[access]
            for access in _VERBS
            if access in accesses.get(service, ()) and not _allows(model, service, access)
        )
        if refused:
            gaps.append(ServiceGap(service=service, verbs=refused))
    return tuple(gaps)


def _allows(model: Model, service: str, access: Access) -> bool:
    """Tell whether a service lets records be written; what it doesn't say counts as allowed."""
    declared = model.sets[service]
    if access is Access.CREATE:
        return declared.insertable
    return declared.updatable if access is Access.WRITE else declared.deletable
