"""What is secret of what was asked is neither logged nor kept."""

from collections.abc import Iterator
from typing import Annotated, get_args, get_type_hints

import msgspec
import pytest

from interlace.management import connections
from interlace.management.operation import Asked
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.permission import Permission
from interlace.management.secret_text import (
    HIDDEN,
    SECRET,
    SecretText,
    public_fields,
    secret_names,
    sounds_secret,
)


class _Entered(Asked, frozen=True, kw_only=True):
    name: str
    password: SecretText = ""
    secrets: Annotated[dict[str, str], SECRET] = msgspec.field(default_factory=dict)


def test_secrets_are_hidden_and_blank_ones_shown_as_blank() -> None:
    """The log tells that a password was entered, not which."""
    assert public_fields(_Entered(name="ada", password="hunter2", secrets={"erp": "s3cret"})) == {
        "name": "ada",
        "password": HIDDEN,
        "secrets": HIDDEN,
    }
    assert public_fields(_Entered(name="ada"))["password"] == ""


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("password", True),
        ("new_password", True),
        ("secrets.erp.key_file", True),
        ("code", True),
        ("erp_key", False),
        ("postcode", False),
        ("name", False),
    ],
)
def test_forms_of_which_nothing_is_known_leave_out_what_sounds_secret(name: str, *, is_secret: bool) -> None:
    """By its name a field is kept or not; a record's key is no secret."""
    assert sounds_secret(name) is is_secret


def test_every_operation_declares_what_sounds_secret() -> None:
    """No operation asks for a password or secret that it doesn't mark as one."""
    told = ("password", "secret", "secrets")
    unmarked = [
        f"{operation.name}: {name}"
        for operation in ALL_OPERATIONS
        for name in operation.asked.__struct_fields__
        if any(part in told for part in name.split("_")) and name not in secret_names(operation.asked)
    ]
    assert unmarked == []


def _structures(answer: object) -> Iterator[type[msgspec.Struct]]:
    """Every structure of which an answer is made."""
    seen: set[object] = set()
    waiting = [answer]
    while waiting:
        hint = waiting.pop()
        if hint in seen:
            continue
        seen.add(hint)
        waiting += get_args(hint)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield hint
            waiting += get_type_hints(hint).values()


def test_security_s3_no_answer_has_a_place_for_what_was_entered() -> None:
    """What an operation takes as a secret is in no structure that any of them answers with."""
    for operation in ALL_OPERATIONS:
        for structure in _structures(operation.answer):
            names = set(get_type_hints(structure))
            assert not secret_names(structure), operation.name
            assert names.isdisjoint({"password", "secret", "secrets", "client_secret", "access_key"}), (
                operation.name
            )


def test_security_s3_a_test_of_the_connection_needs_the_right_to_enter_its_secrets() -> None:
    """Who may not set the connection up can't have its secrets sent anywhere."""
    entering = {
        operation.permission
        for operation in ALL_OPERATIONS
        if operation.name.startswith(("setup.", "connections.")) and secret_names(operation.asked)
    }
    assert entering == {Permission.MANAGE_CONNECTION}
    assert {connections.TEST.permission, connections.ENABLE.permission} == entering
