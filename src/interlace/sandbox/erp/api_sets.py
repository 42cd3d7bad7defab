"""All sets of API v2.0 by name."""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp.document_sets import DOCUMENT_SETS
from interlace.sandbox.erp.master_sets import MASTER_SETS
from interlace.sandbox.erp.set_declaration import PublishedSet

API_SETS: Final[Mapping[str, PublishedSet]] = {
    api_set.name: api_set for api_set in (*MASTER_SETS, *DOCUMENT_SETS)
}
