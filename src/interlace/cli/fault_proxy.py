"""`interlace fault-proxy`: puts faults between a caller and any service."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from interlace.cli.options import Json
from interlace.cli.output import Output


def fault_proxy(
    target: Annotated[str, typer.Option("--target", help="Address of the service behind the proxy.")],
    faults: Annotated[Path, typer.Option("--faults", help="File of fault rules (TOML).")],
    listen: Annotated[
        int, typer.Option("--listen", help="Port of 127.0.0.1; 0 chooses a free one.", min=0, max=65_535)
    ] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Pass requests on to a service and spoil them by fault rules: lost answers, late effects, 429 and more.

    Example: interlace fault-proxy --target http://127.0.0.1:7048/BC --listen 7049 --faults faults.toml
    """
    from interlace.bootstrap.fault_proxy import serve_fault_proxy

    output = Output(as_json=as_json)

    def started(announcement: dict[str, str]) -> None:
        output.record(announcement)
        output.stdout.flush()
        if not as_json:
            output.message("Connect to this address instead of the service's. Ctrl-C stops the proxy.")

    asyncio.run(serve_fault_proxy(target, listen, faults, started))
