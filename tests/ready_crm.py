"""Embedded CRMs with the integration solution imported, as nearly all tests need them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from interlace.sandbox.crm import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.solution.build import build_solution


def ready_options(**chosen: Any) -> SandboxOptions:
    """Options of a CRM that has the solution, and whatever else the test chooses."""
    return SandboxOptions(**{"solutions": (build_solution().content,), **chosen})


def ready_crm(state_dir: Path | None = None, **chosen: Any) -> CrmSandbox:
    """A CRM that has the solution."""
    return create_crm_sandbox(state_dir, ready_options(**chosen))
