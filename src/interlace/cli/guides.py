"""The guides of Assisted Setup, as `interlace setup --list` lists them."""

from interlace.bootstrap.application import Application
from interlace.bootstrap.setup.guides import guides
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t

_COLUMNS = (
    Column(key="caption", caption="Guide"),
    Column(key="state", caption="Status"),
    Column(key="left", caption="What is left"),
)


def show_guides(output: Output, application: Application, name: str | None) -> None:
    """List what there is to set up for a connection; raises ConnectionProblem for an unknown one."""
    held = application.connection(name) if name or application.connections() else None
    found = guides(application, held)
    if output.as_json:
        for each in found:
            output.record(
                {
                    "guide": each.name,
                    "caption": each.caption,
                    "state": each.state.value,
                    "left": each.left,
                }
            )
        return
    rows = [
        {"caption": said(each.caption), "state": said(each.state.value), "left": said(each.left)}
        for each in found
    ]
    output.rows(_COLUMNS, rows, empty=t("Everything is set up."))
