"""JSON bodies of writes: exact decimals, one encoder for both services."""

import msgspec

from interlace.locale.translatable import as_sentence, translatable

_encode = msgspec.json.Encoder(decimal_format="number").encode


class ValueNotWritable(Exception):
    """A value can't be put on the wire; nothing was sent."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(translatable("{field} {reason}", field=field, reason=as_sentence(reason)))
        self.field = field
        self.reason = reason


def encode_body(body: object) -> bytes:
    """Encode a body; decimals become numbers with all their digits."""
    return _encode(body)
