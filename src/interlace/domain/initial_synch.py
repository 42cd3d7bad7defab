"""What the first full synchronization of a mapping should do, by what both sides already hold."""

from interlace.domain.full_synch_review import InitialSynchRecommendation
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping


def recommend(
    mapping: IntegrationTableMapping, *, erp_records: int, crm_records: int, couplings: int
) -> InitialSynchRecommendation:
    """Recommend how a mapping takes part in a full synchronization.

    Two filled tables whose records nobody has coupled, and no rule that says which belong together: creating
    the missing partners would double what is there on both sides, so only coupled records should take part.
    """
    if couplings or mapping.match_rules:
        return InitialSynchRecommendation.FULL_SYNCHRONIZATION
    if not erp_records and not crm_records:
        return InitialSynchRecommendation.NO_RECORDS
    if mapping.direction is Direction.BIDIRECTIONAL and erp_records and crm_records:
        return InitialSynchRecommendation.COUPLE_RECORDS
    return InitialSynchRecommendation.FULL_SYNCHRONIZATION
