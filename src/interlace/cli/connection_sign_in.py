"""`interlace connection sign-in`: a person signs in with a code, on this or any other device."""

import asyncio
from typing import Annotated

import typer

from interlace.bootstrap.connection_settings import ConnectionProblem, SignInMethod
from interlace.bootstrap.signing_in import sign_person_in
from interlace.cli.connection_options import OptionalName
from interlace.cli.options import Json, State, opened
from interlace.cli.output import Output
from interlace.domain.side import Side
from interlace.locale.translatable import translatable


def sign_in(
    name: OptionalName = None,
    erp: Annotated[bool, typer.Option("--erp", help="Sign in at the ERP.")] = False,
    crm: Annotated[bool, typer.Option("--crm", help="Sign in at the CRM.")] = False,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Sign a person in with a code; Interlace then works as that person until the sign-in ends.

    Example: interlace connection sign-in main --crm
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        connection = application.connection(name)
        settings = connection.settings
        methods = {Side.ERP: settings.erp_method, Side.CRM: settings.crm_method}
        by_code = [side for side, method in methods.items() if method is SignInMethod.DEVICE_CODE]
        wanted = [side for side, given in ((Side.ERP, erp), (Side.CRM, crm)) if given] or by_code
        for side in wanted:
            if side not in by_code:
                end = side.value
                raise ConnectionProblem(
                    translatable(
                        "The connection {name} signs in at the {service} by {way}, not as a person. `interlace "
                        "connection change {name} --{end}-sign-in device-code` changes it.",
                        name=settings.name,
                        service=end.upper(),
                        way=methods[side].value,
                        end=end,
                    )
                )
            person = asyncio.run(sign_person_in(application, connection, side, output.message))
            output.record({"end": side.value, "signed_in_as": person})
        if not wanted:
            raise ConnectionProblem(
                translatable(
                    "The connection {name} signs in at neither end as a person. Nothing is to be done.",
                    name=settings.name,
                )
            )
    output.message(
        translatable(
            "Signed in. Try it with {command}.", command=f"`interlace connection test {settings.name}`"
        )
    )
