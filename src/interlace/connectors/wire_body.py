"""JSON bodies of writes: exact decimals, one encoder for both services."""

import msgspec

_encode = msgspec.json.Encoder(decimal_format="number").encode


class ValueNotWritable(Exception):
    """A value can't be put on the wire; nothing was sent."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


def encode_body(body: object) -> bytes:
    """Encode a body; decimals become numbers with all their digits."""
    return _encode(body)
