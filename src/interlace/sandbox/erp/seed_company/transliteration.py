"""Spelling names in plain ASCII, for internet names and mail addresses."""

import re
import unicodedata
from typing import Final

_LATIN: Final = "ä=ae ö=oe ü=ue ß=ss å=aa ø=oe æ=ae ð=d"
_CYRILLIC: Final = (
    "а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts"
    " ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya"
)
_LETTERS: Final = str.maketrans(
    {"'": "", "’": "", ".": ""} | dict(pair.split("=") for pair in f"{_LATIN} {_CYRILLIC}".split())
)
_OTHERS: Final = re.compile(r"[^a-z0-9]+")


def to_internet_name(text: str) -> str:
    """Return the text in small ASCII letters and digits, its words joined by hyphens."""
    plain = text.lower().translate(_LETTERS)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode("ascii")
    return _OTHERS.sub("-", plain).strip("-")
