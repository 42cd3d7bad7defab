"""What the administrator's process tells is said in the language of whoever has it done."""

from interlace.bootstrap.administrator_order import Line, decode_line, encode_line, unexpected
from interlace.bootstrap.solution_setup import Progress, SolutionOutcome, Stage
from interlace.bootstrap.solution_texts import administrator_text
from interlace.locale.translatable import Sentence, translatable
from interlace.ui.words import words_of


def test_texts_come_through_so_that_every_language_can_say_them() -> None:
    """How far the work is, what was remarked and what went wrong: the process itself speaks no language."""
    progress = Progress(
        stage=Stage.ROLES, text=translatable("Giving {name} the roles of the solution", name="Ada")
    )
    outcome = SolutionOutcome(
        deed="imported",
        version="1.0",
        version_before="",
        managed=True,
        administrator="Ada",
        integration_user="Bob",
        roles_given=(),
        remarks=(administrator_text("Bob"), "said by the CRM"),
    )
    written = Line(progress=progress, outcome=outcome, text=unexpected("Stopped"))
    read = decode_line(encode_line(written))
    assert read == written
    assert read.progress is not None
    assert read.outcome is not None
    russian = words_of("ru_RU")
    for text in (read.progress.text, read.outcome.remarks[0], read.text):
        assert isinstance(text, Sentence)
        assert russian.t(text) != text
    assert type(read.outcome.remarks[1]) is str
