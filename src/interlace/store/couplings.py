"""Reads and writes couplings; knows rows and layouts, not what they mean for a synchronization."""

from collections.abc import Collection, Sequence
from functools import cache

import sqlalchemy as sa

from interlace.domain.coupling import AgreedValues, Coupling, CouplingState, realigned
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.side import Side
from interlace.locale.translatable import translatable
from interlace.store.bulk import BulkStatements, Row
from interlace.store.encoding import names_from_json, pairs_from_json, pairs_to_json, to_json
from interlace.store.listing_tables import coupling_listing, coupling_unlisted
from interlace.store.schema import coupling, layout

COLUMNS = (
    "mapping_id",
    "erp_key",
    "crm_key",
    "state",
    "layout_id",
    "agreed",
    "erp_tag",
    "crm_tag",
    "erp_digest",
    "crm_digest",
    "job_id",
    "doubtful",
)
_REMAPPED = (
    "mapping_id",
    "erp_key",
    "crm_key",
    "state",
    "layout_id",
    "agreed",
    "erp_digest",
    "crm_digest",
)
_REMAP_BATCH = 2000
UNLISTED_MAX = 500
"""So many batches of a mapping may wait to be listed."""
_LAYOUTS = sa.select(layout.c.id, layout.c.digest, layout.c.row_ids).where(
    layout.c.mapping_id == sa.bindparam("of_mapping")
)
_NUMBER = (
    sa.select(sa.func.count())
    .select_from(coupling)
    .where(coupling.c.mapping_id == sa.bindparam("of_mapping"))
)
NO_SIDE: frozenset[Side] = frozenset()


def key_column(side: Side) -> str:
    """Name the column that holds a side's key."""
    return "erp_key" if side is Side.ERP else "crm_key"


def to_row(link: Coupling, mapping_id: int, layout_ids: dict[str, int], job_id: str) -> Row:
    """Make the row of a coupling."""
    agreed = link.agreed
    return (
        mapping_id,
        link.erp_key,
        link.crm_key,
        link.state.value,
        None if agreed is None else layout_ids[agreed.layout],
        None if agreed is None else pairs_to_json(agreed.pairs),
        link.erp_tag,
        link.crm_tag,
        link.erp_digest,
        link.crm_digest,
        job_id,
        ",".join(sorted(side.value for side in link.doubtful)),
    )


def from_row(row: Row, mapping: MappingName, layouts: dict[int, str]) -> Coupling:
    """Make the coupling of a row."""
    agreed = None
    if row[5] is not None:
        agreed = AgreedValues(layout=layouts[row[4]], pairs=pairs_from_json(row[5]))
    return Coupling(
        mapping=mapping,
        erp_key=ErpKey(row[1]),
        crm_key=CrmKey(row[2]),
        agreed=agreed,
        erp_tag=row[6],
        crm_tag=row[7],
        erp_digest=row[8],
        crm_digest=row[9],
        state=CouplingState(row[3]),
        doubtful=sides_from_text(row[11]) if row[11] else NO_SIDE,
    )


@cache
def sides_from_text(text: str) -> frozenset[Side]:
    """Decode what a coupling's `doubtful` column says."""
    return frozenset(Side(name) for name in text.split(","))


def store(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    stored: Sequence[Coupling],
    job_id: str,
) -> None:
    """Insert or overwrite couplings; a layout that nobody registered is known by its digest alone."""
    if not stored:
        return
    layouts = layouts_by_digest(connection, mapping_id)
    for digest in sorted({each.agreed.layout for each in stored if each.agreed} - layouts.keys()):
        layouts[digest] = register_layout(connection, mapping_id, digest, ())
    rows = [to_row(each, mapping_id, layouts, job_id) for each in stored]
    bulk.upsert(connection, COLUMNS, rows, table=coupling, unique=("mapping_id", "erp_key"))
    note_unlisted(connection, bulk, mapping_id, [each.erp_key for each in stored])


def remove(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, removed: Sequence[Coupling]
) -> None:
    """Remove couplings."""
    rows = [(mapping_id, each.erp_key, each.crm_key) for each in removed]
    bulk.delete(connection, ("mapping_id", "erp_key", "crm_key"), rows, table=coupling)
    note_unlisted(connection, bulk, mapping_id, [each.erp_key for each in removed])


def note_unlisted(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, erp_keys: Sequence[str]
) -> None:
    """Let lists be told of couplings that were stored or removed: one row for all of them, read in time."""
    if erp_keys:
        rows = [(mapping_id, to_json(erp_keys), len(erp_keys))]
        bulk.insert(connection, ("mapping_id", "erp_keys", "records"), rows, table=coupling_unlisted)


def bound_unlisted(connection: sa.Connection, mapping_id: int) -> None:
    """Let a mapping be listed from its first key on once too many batches wait, as they do where no server runs."""
    waiting = sa.select(sa.func.count()).select_from(coupling_unlisted)
    if (
        connection.execute(waiting.where(coupling_unlisted.c.mapping_id == mapping_id)).scalar_one()
        > UNLISTED_MAX
    ):
        connection.execute(sa.delete(coupling_unlisted).where(coupling_unlisted.c.mapping_id == mapping_id))
        whole = {"mapping_id": mapping_id, "records": count(connection, mapping_id)}
        connection.execute(sa.insert(coupling_unlisted).values(whole))


def add(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    added: Sequence[Coupling],
    job_id: str,
) -> list[RecordError | None]:
    """Couple pairs; an already coupled key of either side gives an error, unless it is the same pair."""
    erp_keys, crm_keys = [each.erp_key for each in added], [each.crm_key for each in added]
    erp_partner = partners(connection, bulk, mapping_id, Side.ERP, erp_keys)
    crm_partner = partners(connection, bulk, mapping_id, Side.CRM, crm_keys)
    outcomes: list[RecordError | None] = []
    accepted: list[Coupling] = []
    for each in added:
        known = erp_partner.get(each.erp_key), crm_partner.get(each.crm_key)
        if known == (None, None):
            accepted.append(each)
            erp_partner[each.erp_key], crm_partner[each.crm_key] = each.crm_key, each.erp_key
        same = known in {(None, None), (each.crm_key, each.erp_key)}
        outcomes.append(None if same else _already_coupled(each, *known))
    store(connection, bulk, mapping_id, accepted, job_id)
    return outcomes


def _already_coupled(pair: Coupling, crm_key: str | None, erp_key: str | None) -> RecordError:
    if crm_key is not None:
        message = translatable(
            "The ERP record {erp_key} is already coupled with the CRM record {partner}. Remove that coupling first if "
            "the pair {erp_key} and {crm_key} is right.",
            erp_key=pair.erp_key,
            crm_key=pair.crm_key,
            partner=crm_key,
        )
    else:
        message = translatable(
            "The CRM record {crm_key} is already coupled with the ERP record {partner}. Remove that coupling first if "
            "the pair {erp_key} and {crm_key} is right.",
            erp_key=pair.erp_key,
            crm_key=pair.crm_key,
            partner=erp_key or "",
        )
    return RecordError(code=ErrorCode.MATCH_ALREADY_COUPLED, message=message)


def partners(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, side: Side, keys: Sequence[str]
) -> dict[str, str]:
    """Translate keys of one side into their coupled keys of the other."""
    columns = (key_column(side), key_column(side.other))
    fixed = {"mapping_id": mapping_id}
    return dict(bulk.matching(connection, columns, table=coupling, fixed=fixed, key=columns[0], keys=keys))


def doubt(connection: sa.Connection, mapping_id: int, sides: Collection[Side]) -> None:
    """Forget all digests of a mapping and mark its couplings doubtful on these sides, besides what they are."""
    changes: dict[str, object] = {"erp_digest": None, "crm_digest": None}
    if sides:
        added = {side.value for side in sides}
        changes["doubtful"] = sa.case(
            {
                held: ",".join(sorted(added | set(filter(None, held.split(",")))))
                for held in ("", "crm", "erp", "crm,erp")
            },
            value=coupling.c.doubtful,
        )
    connection.execute(sa.update(coupling).where(coupling.c.mapping_id == mapping_id).values(changes))
    if sides:
        listed = sa.update(coupling_listing).where(
            coupling_listing.c.mapping_id == mapping_id, coupling_listing.c.state != "broken"
        )
        connection.execute(listed.values(state="doubtful"))


def layouts_by_digest(connection: sa.Connection, mapping_id: int) -> dict[str, int]:
    """Return the known layouts of a mapping."""
    return {row.digest: row.id for row in connection.execute(_LAYOUTS, {"of_mapping": mapping_id})}


def rows_by_digest(connection: sa.Connection, mapping_id: int) -> dict[str, tuple[str, ...]]:
    """Return the row ids of each layout of a mapping; none for one that is only known by its digest."""
    rows = connection.execute(_LAYOUTS, {"of_mapping": mapping_id})
    return {row.digest: names_from_json(row.row_ids) for row in rows}


def register_layout(connection: sa.Connection, mapping_id: int, digest: str, row_ids: tuple[str, ...]) -> int:
    """Store what a layout's rows are, if it is new or was only known by its digest; gives its id."""
    layouts = connection.execute(_LAYOUTS, {"of_mapping": mapping_id})
    found = next((each for each in layouts.all() if each.digest == digest), None)
    if found is None:
        insert = sa.insert(layout).values(mapping_id=mapping_id, digest=digest, row_ids=to_json(row_ids))
        return int(connection.execute(insert.returning(layout.c.id)).scalar_one())
    if row_ids and found.row_ids == "[]":
        connection.execute(sa.update(layout).where(layout.c.id == found.id).values(row_ids=to_json(row_ids)))
    return int(found.id)


def page(
    connection: sa.Connection, mapping_id: int, after: ErpKey | None, limit: int
) -> Sequence[sa.Row[tuple[object, ...]]]:
    """Read rows in the order of their ERP key."""
    query = sa.select(*[coupling.c[name] for name in COLUMNS]).where(coupling.c.mapping_id == mapping_id)
    if after is not None:
        query = query.where(coupling.c.erp_key > after)
    return connection.execute(query.order_by(coupling.c.erp_key).limit(limit)).all()


def count(connection: sa.Connection, mapping_id: int) -> int:
    """Count a mapping's couplings."""
    return connection.execute(_NUMBER, {"of_mapping": mapping_id}).scalar_one()


def remap(connection: sa.Connection, bulk: BulkStatements, mapping_id: int, target_id: int) -> None:
    """Rewrite every agreed value list of another layout in the target layout's rows.

    The digests are forgotten with it: an untouched record must be compared once more, because a row that is
    new was never agreed on.
    """
    layouts = connection.execute(_LAYOUTS, {"of_mapping": mapping_id})
    rows_of = {each.id: names_from_json(each.row_ids) for each in layouts}
    new = rows_of[target_id]
    for old_id in sorted(rows_of.keys() - {target_id}):
        while True:
            query = (
                sa.select(coupling.c.erp_key, coupling.c.crm_key, coupling.c.state, coupling.c.agreed)
                .where(coupling.c.mapping_id == mapping_id, coupling.c.layout_id == old_id)
                .limit(_REMAP_BATCH)
            )
            old_rows = connection.execute(query).all()
            if not old_rows:
                break
            rows: list[Row] = [
                (
                    mapping_id,
                    each.erp_key,
                    each.crm_key,
                    each.state,
                    *_remapped(each.agreed, rows_of[old_id], new, target_id),
                    None,
                    None,
                )
                for each in old_rows
            ]
            bulk.upsert(connection, _REMAPPED, rows, table=coupling, unique=("mapping_id", "erp_key"))
            note_unlisted(connection, bulk, mapping_id, [each.erp_key for each in old_rows])


def _remapped(
    agreed: str, old: tuple[str, ...], new: tuple[str, ...], target_id: int
) -> tuple[int | None, str | None]:
    pairs = realigned(pairs_from_json(agreed), old, new)
    return (None, None) if pairs is None else (target_id, pairs_to_json(pairs))
