"""Writes the buttons of a table's form as its `RibbonDiffXml`: what is added to the command bar, nothing else."""

from xml.etree.ElementTree import Element

from interlace.solution.markup import element
from interlace.solution.model import Button, Table

_PLACE = "Mscrm.Form.{table}.MainTab.Save.Controls._children"
_SEQUENCE = "95"


def buttons(table: Table, language: int) -> Element:
    """Make the element that adds a table's buttons."""
    return element(
        "RibbonDiffXml",
        element("CustomActions", *(_action(table, button) for button in table.buttons)),
        element("Templates", element("RibbonTemplates", Id="Mscrm.Templates")),
        element("CommandDefinitions", *(_command(table, button) for button in table.buttons)),
        element(
            "RuleDefinitions", element("TabDisplayRules"), element("DisplayRules"), element("EnableRules")
        ),
        element(
            "LocLabels",
            *(
                _label(table, button, part, text, language)
                for button in table.buttons
                for part, text in (("LabelText", button.label), ("ToolTipDescription", button.tooltip))
            ),
        ),
    )


def _id(table: Table, button: Button, part: str) -> str:
    return f"{button.name}.{table.name}.Form.{part}"


def _action(table: Table, button: Button) -> Element:
    control = element(
        "Button",
        Id=_id(table, button, "Button"),
        Command=_id(table, button, "Command"),
        Sequence=_SEQUENCE,
        LabelText=f"$LocLabels:{_id(table, button, 'LabelText')}",
        ToolTipTitle=f"$LocLabels:{_id(table, button, 'LabelText')}",
        ToolTipDescription=f"$LocLabels:{_id(table, button, 'ToolTipDescription')}",
        ModernImage=f"$webresource:{button.icon}",
        TemplateAlias="o1",
    )
    return element(
        "CustomAction",
        element("CommandUIDefinition", control),
        Id=_id(table, button, "CustomAction"),
        Location=_PLACE.format(table=table.name),
        Sequence=_SEQUENCE,
    )


def _command(table: Table, button: Button) -> Element:
    call = element(
        "JavaScriptFunction",
        element("CrmParameter", Value="PrimaryControl"),
        Library=f"$webresource:{button.script}",
        FunctionName=button.function,
    )
    return element(
        "CommandDefinition",
        element("EnableRules"),
        element("DisplayRules"),
        element("Actions", call),
        Id=_id(table, button, "Command"),
    )


def _label(table: Table, button: Button, part: str, text: str, language: int) -> Element:
    title = element("Title", description=text, languagecode=str(language))
    return element("LocLabel", element("Titles", title), Id=_id(table, button, part))
