"""What the fields of a view are read from: columns of the page, other tables, calculations on both."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.business_central.virtual_fields import Row, VirtualSource
from interlace.connectors.odata_table import WireColumn, WireValues
from interlace.domain.values import Value
from interlace.engine.ports import TableView, Write

TODAY = "@today"
WRITE_IN = "@write-in"
Finish = Callable[[WireValues], WireValues]


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedField:
    """A field of `table` that is computed from other fields of the same record, virtual ones too."""

    table: str
    name: str
    of: tuple[str, ...]
    """The fields whose values `compute` gets, by name; TODAY stands for the present day, WRITE_IN for type and
    number, with a blank between, of what stands for products that the CRM does not have (blank: nothing does)."""
    compute: Callable[[Row], Value]


class ViewFields:
    """Knows the virtual and derived fields of all tables."""

    def __init__(
        self,
        sources: Iterable[VirtualSource],
        derived: Iterable[DerivedField],
        today: Callable[[], date],
        write_in: str = "",
    ) -> None:
        self._today = today
        self._write_in = write_in
        self._sources = {(each.field.table, each.field.name): each for each in sources}
        self._derived = {(each.table, each.name): each for each in derived}

    def source(self, table: str, name: str) -> VirtualSource | None:
        """Return the source of a virtual field."""
        return self._sources.get((table, name))

    def names_of(self, table: str) -> list[str]:
        """Return the fields that a table has beyond those of its page."""
        return [name for owner, name in (*self._sources, *self._derived) if owner == table]

    def sources(self, view: TableView, writes: Sequence[Write] = ()) -> dict[str, VirtualSource]:
        """Return the sources of every virtual field that a view reads or writes need."""
        names = self._read_names(view, (name for write in writes for name in write.values))
        return {
            name: self._sources[view.table, name] for name in names if (view.table, name) in self._sources
        }

    def needs(self, view: TableView) -> dict[str, list[str]]:
        """Return the page services that a view is read from, each with the columns that it needs of them."""
        sources = self.sources(view)
        own = [name for name in self._read_names(view) if name not in sources]
        own += [source.field.argument for source in sources.values()]
        needed = {"": list(dict.fromkeys(own))}
        for source in sources.values():
            needed.setdefault(source.field.service, []).extend(source.field.columns)
        return needed

    def wire_columns(self, table: ErpTable, view: TableView) -> list[WireColumn]:
        """Return the page's columns that a view needs: those it shows in order, then those behind the others."""
        sources = self.sources(view)
        names = [name for name in self._read_names(view) if name not in sources]
        names += [source.field.argument for source in sources.values()]
        return [table.column(name) for name in dict.fromkeys(names)]

    def finish(self, view: TableView, columns: Sequence[WireColumn]) -> Finish | None:
        """Return what turns the values of the page's columns into the view's, or None where they are the same."""
        places = {column.name: place for place, column in enumerate(columns)}
        sources = self.sources(view)
        steps = [self._step(view.table, name, places, sources) for name in view.fields]
        if all((view.table, name) not in self._derived and name not in sources for name in view.fields):
            return None
        return lambda values: tuple([step(values) for step in steps])

    def _read_names(self, view: TableView, further: Iterable[str] = ()) -> list[str]:
        names: dict[str, None] = {}
        for name in (*view.fields, *further):
            derived = self._derived.get((view.table, name))
            names.update(dict.fromkeys((name,) if derived is None else derived.of))
        for name in (TODAY, WRITE_IN):
            names.pop(name, None)
        return list(names)

    def _step(
        self, table: str, name: str, places: Mapping[str, int], sources: Mapping[str, VirtualSource]
    ) -> Callable[[WireValues], Value]:
        derived = self._derived.get((table, name))
        if derived is not None:
            compute = derived.compute
            parts = [(part, self._step(table, part, places, sources)) for part in derived.of]
            return lambda values: compute({part: step(values) for part, step in parts})
        if name == TODAY:
            return lambda _values: self._today().isoformat()
        if name == WRITE_IN:
            return lambda _values: self._write_in
        source = sources.get(name)
        if source is not None:
            held, place = source, places[source.field.argument]
            return lambda values: held.value_for(values[place])
        place = places[name]
        return lambda values: values[place]
