"""One declaration of what a connection is told: the command line, the answers file and the sign-ins agree."""

import re
from pathlib import Path

import pytest
import typer.main
from tests.bootstrap.test_credentials import SETTINGS

import interlace
from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_settings import SignInMethod
from interlace.bootstrap.credentials import SECRET_NAMES, secret_of
from interlace.bootstrap.setup.answers import Answers
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.keep_answers import ask, take_given
from interlace.bootstrap.setup.progress import StepProblem
from interlace.bootstrap.setup.question import Answer, AnswerKind, Question, StepName
from interlace.bootstrap.setup.questions import QUESTIONS
from interlace.cli.connection import commands
from interlace.domain.side import Side
from interlace.settings import load_config

KNOWN = {
    "--erp",
    "--company",
    "--erp-product",
    "--erp-internal-host",
    "--no-erp-internal-host",
    "--erp-ca-file",
    "--erp-sign-in",
    "--erp-user",
    "--erp-key-file",
    "--erp-password-file",
    "--erp-authority",
    "--erp-client-id",
    "--erp-secret-file",
    "--erp-certificate-file",
    "--erp-scope",
    "--erp-web-client",
    "--crm",
    "--crm-internal-host",
    "--no-crm-internal-host",
    "--crm-ca-file",
    "--crm-sign-in",
    "--crm-authority",
    "--token-url",
    "--client-id",
    "--crm-secret-file",
    "--crm-certificate-file",
    "--crm-user",
    "--crm-password-file",
    "--sales-order-user",
    "--sales-order-key-file",
    "--state",
    "--json",
}
"""What people have in their scripts."""
NAMED_IN_TEXTS = re.compile(r"(?<![\w-])--(?:erp|crm|token|client|sales-order)-[a-z-]+")


def options_of(command: str) -> dict[str, str]:
    """Return the options of a command with their help."""
    group = typer.main.get_command(commands)
    found = group.commands[command]  # type: ignore[attr-defined]  # the group's class is Typer's own
    return {
        name: each.help or ""
        for each in found.params
        for name in (*each.opts, *each.secondary_opts)
        if name.startswith("--")
    }


@pytest.mark.parametrize("command", ["add", "change"])
def test_options_keep_their_names(command: str) -> None:
    """What people have written in scripts goes on to work."""
    assert set(options_of(command)) == KNOWN


def test_an_option_says_what_the_setup_says() -> None:
    """Whoever reads the command's help reads what the wizard and the answers file explain."""
    helps = options_of("add")
    for each in QUESTIONS:
        if each.option:
            assert each.caption in helps[each.option]
            assert each.help in helps[each.option]
            assert each.variable in helps[each.option]


def test_every_way_has_its_secret() -> None:
    """Each way to sign in has one secret; but for a person's code, somebody can give it."""
    for side, setting, ways in (
        (
            Side.ERP,
            "erp_authentication",
            [each for each in SignInMethod if each != SignInMethod.TOKEN_ADDRESS],
        ),
        (Side.CRM, "crm_authentication", list(SignInMethod)),
    ):
        for way in ways:
            settings = SETTINGS.load({**SETTINGS.dump(), setting: way.value})
            secret = secret_of(settings, side)
            assert secret in SECRET_NAMES
            asked = {each.secret for each in QUESTIONS if each.side is side and each.applies(settings)}
            assert (secret in asked) is (way is not SignInMethod.DEVICE_CODE)


def test_texts_name_options_that_exist() -> None:
    """A remedy that names an option can be followed."""
    source = Path(interlace.__file__).parent
    known = KNOWN | {"--erp-url", "--erp-users", "--erp-services", "--crm-port"}
    for folder in ("bootstrap", "cli"):
        for file in (source / folder).rglob("*.py"):
            named = set(NAMED_IN_TEXTS.findall(file.read_text(encoding="utf-8")))
            assert named <= known, f"{file.name}: {named - known}"


class Teller:
    """A person who knows the answers beforehand."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers

    def answer(self, question: Question, held: Answer) -> Answer:
        """Tell what is known; else take what is proposed."""
        return self.answers.get(question.key, held)

    def secret(self, question: Question, *, stored: bool) -> bytearray | None:
        """Tell the secret by its question."""
        return bytearray(question.key.encode())

    def corrects(self, problems: tuple[StepProblem, ...]) -> bool:
        """Leave it."""
        return False


def test_a_way_that_was_chosen_stands(tmp_path: Path) -> None:
    """Whoever chooses a certificate at the terminal and then names the authority has not chosen a secret."""
    told: dict[str, Answer] = {
        "erp.sign_in": "certificate",
        "erp.authority": "https://login.microsoftonline.com/contoso.example",
        "erp.client_id": "erp-client",
        "crm.sign_in": "ntlm",
        "crm.user": "CONTOSO\\crm",
    }
    with Application(load_config(overrides={"state.directory": str(tmp_path)})) as application:
        desk = Desk(application=application, answers=Answers(), name="main", person=Teller(told))
        ask(desk, StepName.SIGN_IN)
        assert (desk.settings.erp_authentication, desk.settings.crm_authentication) == ("certificate", "ntlm")
        assert desk.is_stored("erp_certificate")
        assert not desk.is_stored("erp_client_secret")


def test_a_file_beside_the_answers_is_kept_by_its_whole_path(tmp_path: Path) -> None:
    """The set-up is run elsewhere the next time, and the server runs elsewhere always."""
    with Application(load_config(overrides={"state.directory": str(tmp_path / "state")})) as application:
        answers = Answers(values={"erp.ca_file": "ca.pem"}, directory=tmp_path)
        desk = Desk(application=application, answers=answers, name="main")
        take_given(desk, StepName.ADDRESSES)
        assert desk.settings.erp_ca_file == str(tmp_path / "ca.pem")
    assert {each.field for each in QUESTIONS if each.kind is AnswerKind.FILE} == {
        "erp_ca_file",
        "crm_ca_file",
    }
