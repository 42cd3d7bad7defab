"""Renew the pinned, hashed requirement files (`make lock`); needs the development tools.

The result is resolved for one Python version and must install on all supported ones: packages that only some
versions or platforms ask for are refused until they are declared with a marker in pyproject.toml or run.in.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
HEADER = "# Pinned by `make lock`; do not edit by hand.\n"
OPTIONS = (
    "--quiet",
    "--generate-hashes",
    "--allow-unsafe",
    "--strip-extras",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
    "--no-emit-options",
)


def compile_requirements(target: Path, *arguments: str) -> None:
    """Resolve the given sources into one requirement file, keeping the pins it already holds."""
    command = [
        sys.executable,
        "-m",
        "piptools",
        "compile",
        *OPTIONS,
        *arguments,
        "--output-file",
        str(target),
    ]
    content = target.read_text(encoding="utf-8") if target.exists() else ""
    environment = {**os.environ, "CUSTOM_COMPILE_COMMAND": "make lock"}
    subprocess.run(command, cwd=ROOT, check=True, env=environment)  # noqa: S603
    lines = [line for line in target.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    target.write_text(HEADER + "\n".join(line for line in lines if line) + "\n", encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {'unchanged' if target.read_text('utf-8') == content else 'renewed'}")


def main() -> None:
    """Pin what runs first, then the tools on top of the same pins."""
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    compile_requirements(REQUIREMENTS / "run.txt", *upgrade, "requirements/run.in", "pyproject.toml")
    compile_requirements(
        REQUIREMENTS / "dev.txt",
        *upgrade,
        "requirements/dev.in",
        "requirements/run.in",
        "pyproject.toml",
    )
    # Clients that tests run in an environment of their own: their packages meet none of ours.
    compile_requirements(REQUIREMENTS / "clients.txt", *upgrade, "requirements/clients.in")


if __name__ == "__main__":
    main()
