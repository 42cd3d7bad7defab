"""The word lint refuses vague and foreign names, and nothing else."""

import pytest
from tools.word_lint import findings_in, refusal, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("synch_job", ["synch", "job"]),
        ("IntegrationTableMapping", ["integration", "table", "mapping"]),
        ("CRMRecord", ["crm", "record"]),
        ("_async_reader", ["async", "reader"]),
    ],
)
def test_a_name_is_split_into_its_words(name: str, words: list[str]) -> None:
    """Snake case and camel case give the same words."""
    assert words_of(name) == words


@pytest.mark.parametrize(
    "name", ["JobManager", "record_helpers", "DataStore", "sync_job", "Picklist", "send_msg"]
)
def test_a_class_or_module_name_of_the_banned_column_is_refused(name: str) -> None:
    """Vague words, other products' words and abbreviations are all refused."""
    assert refusal(name, may_be_vague=False) is not None


@pytest.mark.parametrize(
    "name", ["SynchJob", "metadata", "database", "asynchronous", "BaseUnit", "commonly_used"]
)
def test_a_banned_word_inside_another_word_is_no_finding(name: str) -> None:
    """Only whole words count, and the allow-list keeps the product's own terms."""
    assert refusal(name, may_be_vague=False) is None


def test_a_function_may_speak_of_data_but_not_of_banned_words() -> None:
    """Vague words are refused only where a name stands for a thing."""
    source = "def read_data(): ...\nclass Reader:\n    def sync(self): ...\n"
    found = list(findings_in(source, "src/interlace/reader.py"))
    assert [(finding.line, finding.message.split(":")[0]) for finding in found] == [(3, "sync")]


def test_the_module_name_is_checked_too() -> None:
    """A file is named as carefully as a class."""
    assert [finding.line for finding in findings_in("", "src/interlace/utils.py")] == [1]
