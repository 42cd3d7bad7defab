"""Keeps where each document of a saga is, what holds it, and its timeline."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from interlace.domain.keys import MappingName
from interlace.domain.saga import Problem
from interlace.engine.saga_memory import DocumentEvent, DocumentsResult, TrackedDocument
from interlace.locale.kept_text import from_kept, to_kept
from interlace.store.bulk import BulkStatements, Row
from interlace.store.document_tables import document, document_event
from interlace.store.encoding import from_json, time_from_text, time_to_text, to_json

COLUMNS = (
    "mapping_id",
    "key",
    "title",
    "owner",
    "partner",
    "stage",
    "held",
    "problems",
    "since",
    "first_seen",
    "looked_at",
    "finished",
    "run_id",
    "created_digest",
    "removed_digest",
)
_EVENT_COLUMNS = ("mapping_id", "document", "at", "kind", "stage", "text", "job_id")


def store_documents(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, result: DocumentsResult
) -> None:
    """Store documents as they are now, and add to their timelines."""
    rows = [_to_row(each, mapping_id) for each in result.documents]
    bulk.upsert(connection, COLUMNS, rows, table=document, unique=("mapping_id", "key"))
    events = [
        (
            mapping_id,
            each.key,
            time_to_text(each.at),
            each.kind,
            each.stage,
            to_kept(each.text),
            result.job.id,
        )
        for each in result.events
    ]
    bulk.insert(connection, _EVENT_COLUMNS, events, table=document_event)


def documents_by_key(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    mapping: MappingName,
    keys: Sequence[str],
) -> dict[str, TrackedDocument]:
    """Return documents by key; unknown ones are missing."""
    rows = bulk.matching(
        connection, COLUMNS, table=document, fixed={"mapping_id": mapping_id}, key="key", keys=keys
    )
    return {row[1]: _from_row(row, mapping) for row in rows}


def documents_due(
    connection: sa.Connection, mapping_id: int, mapping: MappingName, run_id: str, limit: int, after: str
) -> list[TrackedDocument]:
    """Return documents under way behind a key that a run has not looked at, in key order."""
    where = sa.and_(
        document.c.mapping_id == mapping_id,
        document.c.finished.is_(False),
        document.c.key > after,
        document.c.run_id != run_id,
    )
    return _read(connection, mapping, where, document.c.key, limit)


def documents_page(
    connection: sa.Connection,
    mapping_id: int,
    mapping: MappingName,
    *,
    stage: str | None,
    held: bool | None,
    after: str | None,
    limit: int,
) -> list[TrackedDocument]:
    """Return documents in key order, beginning after a key: of one stage, and held or not held ones, if asked so."""
    terms = [document.c.mapping_id == mapping_id]
    if stage is not None:
        terms.append(document.c.stage == stage)
    if held is not None:
        terms.append(document.c.held.is_(held))
    if after is not None:
        terms.append(document.c.key > after)
    return _read(connection, mapping, sa.and_(*terms), document.c.key, limit)


def documents_named(
    connection: sa.Connection, mapping_id: int, mapping: MappingName, name: str, partners: Sequence[str]
) -> list[TrackedDocument]:
    """Return the documents of this key or title, or with one of these partners."""
    is_named = sa.or_(
        document.c.key == name, document.c.title == name, document.c.partner.in_(list(partners))
    )
    where = sa.and_(document.c.mapping_id == mapping_id, is_named)
    return _read(connection, mapping, where, document.c.key, None)


def count_by_stage(connection: sa.Connection, mapping_id: int) -> list[tuple[str, bool, int]]:
    """Count documents by stage, and the held ones of each by themselves: (stage, held, number)."""
    query = (
        sa.select(document.c.stage, document.c.held, sa.func.count())
        .where(document.c.mapping_id == mapping_id)
        .group_by(document.c.stage, document.c.held)
        .order_by(document.c.stage, document.c.held)
    )
    return [(row[0], bool(row[1]), int(row[2])) for row in connection.execute(query)]


def timeline(connection: sa.Connection, mapping_id: int, key: str) -> list[DocumentEvent]:
    """Return what happened to a document, in order."""
    query = (
        sa.select(document_event)
        .where(document_event.c.mapping_id == mapping_id, document_event.c.document == key)
        .order_by(document_event.c.id)
    )
    return [
        DocumentEvent(
            key=row.document,
            at=time_from_text(row.at),
            kind=row.kind,
            text=from_kept(row.text),
            stage=row.stage,
        )
        for row in connection.execute(query)
    ]


def _read(
    connection: sa.Connection,
    mapping: MappingName,
    where: sa.ColumnElement[bool],
    order: sa.ColumnElement[Any],
    limit: int | None,
) -> list[TrackedDocument]:
    columns = [document.c[name] for name in COLUMNS]
    query = sa.select(*columns).where(where).order_by(order).limit(limit)
    return [_from_row(tuple(row), mapping) for row in connection.execute(query)]


def _to_row(each: TrackedDocument, mapping_id: int) -> Row:
    problems = [[it.code, to_kept(it.what), to_kept(it.remedy), it.line] for it in each.problems]
    return (
        mapping_id,
        each.key,
        each.title,
        each.owner,
        each.partner,
        each.stage,
        each.held,
        to_json(problems),
        time_to_text(each.since),
        time_to_text(each.first_seen),
        time_to_text(each.looked_at),
        each.finished,
        each.run_id,
        each.created_digest,
        each.removed_digest,
    )


def _from_row(row: Row, mapping: MappingName) -> TrackedDocument:
    told = dict(zip(COLUMNS, row, strict=True))
    problems: Any = from_json(told["problems"])
    return TrackedDocument(
        mapping=mapping,
        key=told["key"],
        title=told["title"],
        owner=told["owner"],
        partner=told["partner"],
        stage=told["stage"],
        problems=tuple(
            # Problems that an older version kept name no line.
            Problem(code=code, what=from_kept(what), remedy=from_kept(remedy), line="".join(line))
            for code, what, remedy, *line in problems
        ),
        since=time_from_text(told["since"]),
        first_seen=time_from_text(told["first_seen"]),
        looked_at=time_from_text(told["looked_at"]),
        finished=bool(told["finished"]),
        run_id=told["run_id"],
        created_digest=told["created_digest"],
        removed_digest=told["removed_digest"],
    )
