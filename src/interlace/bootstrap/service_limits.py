"""What both services of a connection allow, by the settings and by what is published for their addresses."""

from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.domain.allowance import CRM_ALLOWANCE, ERP_ALLOWANCE, Allowance, read_allowance
from interlace.domain.side import Side
from interlace.locale.translatable import joined, text_of, translatable
from interlace.settings import Config


def allowances(config: Config, settings: ConnectionSettings) -> dict[Side, Allowance | None]:
    """Return what each service allows its user; raises ConnectionProblem for a setting that can't be read."""
    return {
        Side.ERP: _allowance("limits.erp", config.erp_limits, settings.erp_address, ERP_ALLOWANCE),
        Side.CRM: _allowance("limits.crm", config.crm_limits, settings.crm_address, CRM_ALLOWANCE),
    }


def _allowance(name: str, text: str, address: str, published: Allowance) -> Allowance | None:
    try:
        return read_allowance(text, address, published)
    except ValueError as problem:
        message = joined([text_of(problem), translatable("It is the setting {name}.", name=name)])
        raise ConnectionProblem(message) from problem
