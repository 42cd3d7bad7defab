"""What the last matching left to people is kept by its job, in the place of what the one before left."""

from pathlib import Path

from interlace.bootstrap.kept_matches import RECORDS_MAX, KeptMatches
from interlace.management.matching import MatchSample, RecordNamed


def sample(key: str) -> MatchSample:
    """Return an ambiguous record."""
    return MatchSample(
        erp=RecordNamed(key=key, record_key=key), crm=(RecordNamed(key="a"), RecordNamed(key="b"))
    )


def test_the_last_run_is_kept_by_its_job(tmp_path: Path) -> None:
    """Another mapping, connection or job has none of it; what is more than people couple by hand is left out."""
    kept = KeptMatches(tmp_path)
    kept.keep("c1", "UNIT OF MEASURE", "j1", (sample("1"),))
    assert kept.of_job("c1", "UNIT OF MEASURE", "j1") == (sample("1"),)
    assert kept.of_job("c1", "UNIT OF MEASURE", "j2") == ()
    assert kept.of_job("c2", "UNIT OF MEASURE", "j1") == ()
    assert kept.of_job("c1", "CUSTOMER", "j1") == ()
    kept.keep("c1", "UNIT OF MEASURE", "j2", tuple(sample(str(each)) for each in range(RECORDS_MAX + 1)))
    assert kept.of_job("c1", "UNIT OF MEASURE", "j1") == ()
    assert len(kept.of_job("c1", "UNIT OF MEASURE", "j2")) == RECORDS_MAX
