"""Answers from files: what is taken, what is refused and how that is told, and that secrets are never inline."""

from pathlib import Path

import pytest

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.setup.answers import Answers
from interlace.bootstrap.setup.questions import BY_KEY


def read(tmp_path: Path, text: str) -> Answers:
    """Write an answers file and read it."""
    file = tmp_path / "answers.toml"
    file.write_text(text, encoding="utf-8")
    return Answers.read(file)


def test_answers_have_kinds(tmp_path: Path) -> None:
    """Texts, flags and lists come as what they are; what is left out has its default."""
    answers = read(
        tmp_path,
        '[connection]\nname = " trial "\n[erp]\naddress = " https://erp/BC "\n'
        '[availability]\npublish = true\n[tables]\nleave_out = ["CONTACT", " "]\n',
    )
    assert answers.name == "trial"
    assert answers.text("erp.address") == "https://erp/BC"
    assert answers.flag("availability.publish")
    assert answers.flag("full_synchronization.start")
    assert answers.names("tables.leave_out") == ("CONTACT",)
    assert answers.names("full_synchronization.recommend_full") == ()


REFUSED = [
    ('[erp]\nadress = "x"\n', "no answer 'erp.adress'. Did you mean erp.address?"),
    (
        '[erp]\nkey = "abc"\n',
        "never written into the answers file. Name a file that holds it with erp.key_file",
    ),
    ('[administrator]\nsecret = "abc"\n', "with administrator.secret_file"),
    ('[crm]\npassword = "abc"\n', "with crm.password_file"),
    ('[crm]\nsign_in = "magic"\n', "crm.sign_in can't be 'magic'. Choose one of: basic, token-address"),
    ('[orders]\nintegration = "yes"\n', "orders.integration must be true or false"),
    ("[erp]\naddress = 7\n", "erp.address must be a text in quotation marks"),
    ('[tables]\nleave_out = "CONTACT"\n', "tables.leave_out must be a list of names"),
    ('erp = "x"\n', "no answer 'erp'"),
    (
        '[erp]\nkey_file = "-"\n[crm]\nsecret_file = "-"\n',
        "Only one of these can be read from standard input: erp.key_file, crm.secret_file",
    ),
    ("[erp\n", "can't be read"),
]


@pytest.mark.parametrize(("text", "told"), REFUSED)
def test_what_cannot_be_used_is_told(tmp_path: Path, text: str, told: str) -> None:
    """Each key that can't be used is named with what would do."""
    with pytest.raises(ConnectionProblem) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)
    assert "abc" not in str(caught.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """Whoever corrects a file doesn't learn of its mistakes one by one."""
    with pytest.raises(ConnectionProblem) as caught:
        read(tmp_path, '[erp]\nadress = "x"\n[orders]\nintegration = 1\n')
    assert "erp.adress" in str(caught.value)
    assert "orders.integration" in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """The file's name and what is wrong with it are told."""
    with pytest.raises(ConnectionProblem, match=r"nowhere\.toml can't be read"):
        Answers.read(tmp_path / "nowhere.toml")


def test_secrets_come_from_files_beside_the_answers(tmp_path: Path) -> None:
    """Relative names begin at the answers file; the end of the line is no part of a secret."""
    (tmp_path / "key.txt").write_text("top secret\r\n", encoding="utf-8")
    answers = read(tmp_path, '[erp]\nkey_file = "key.txt"\n[crm]\nsecret_file = "none.txt"\n')
    assert answers.secret(BY_KEY["erp.key_file"]) == bytearray(b"top secret")
    assert answers.secret(BY_KEY["administrator.secret_file"]) is None
    with pytest.raises(ConnectionProblem, match=r"can't be read from none\.txt"):
        answers.secret(BY_KEY["crm.secret_file"])
    (tmp_path / "key.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(ConnectionProblem, match=r"key\.txt is blank"):
        answers.secret(BY_KEY["erp.key_file"])
