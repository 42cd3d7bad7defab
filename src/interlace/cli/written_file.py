"""Files that commands write where a person asked for them."""

from pathlib import Path

from interlace.bootstrap.connection_settings import ConnectionProblem


def write_file(file: Path, content: bytes) -> None:
    """Write a file whole; raises ConnectionProblem if that can't be done."""
    try:
        file.write_bytes(content)
    except OSError as problem:
        msg = f"{file} can't be written: {problem.strerror}. Name another file with --out."
        raise ConnectionProblem(msg) from problem
