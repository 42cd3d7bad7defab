"""Files that commands write where a person asked for them."""

from pathlib import Path

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.locale.translatable import translatable


def write_file(file: Path, content: bytes) -> None:
    """Write a file whole; raises ConnectionProblem if that can't be done."""
    try:
        file.write_bytes(content)
    except OSError as problem:
        raise ConnectionProblem(
            translatable(
                "{file} can't be written: {problem}. Name another file with {option}.",
                file=str(file),
                problem=str(problem.strerror),
                option="--out",
            )
        ) from problem
