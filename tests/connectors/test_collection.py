"""What becomes of documents that a service, or something before it, answers with something else."""

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.collection import CollectionReader
from interlace.connectors.http_message import HttpAnswer
from interlace.engine.service import ServiceMismatch


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b'{"name": "A"', b""])
async def test_a_document_that_is_none_is_a_mismatch(body: bytes) -> None:
    """A page of a proxy, or a cut answer, ends the run with words instead of a defect."""
    reader = CollectionReader(StubChannel(HttpAnswer(status=200, body=body)), "the CRM")
    with pytest.raises(ServiceMismatch, match="The CRM answered the request for /WhoAmI with something else"):
        await reader.document("/WhoAmI?x=1", dict[str, str])


async def test_a_model_that_is_none_is_a_mismatch() -> None:
    """So it is where the metadata document is expected."""
    reader = CollectionReader(StubChannel(HttpAnswer(status=200, body=b"<html></html>")), "the ERP")
    with pytest.raises(ServiceMismatch, match="something else"):
        await reader.model("/ODataV4/")
