"""What the tests of the API share."""

from collections.abc import AsyncIterator

import httpx
import pytest
from temporalio.client import Client

from tests.test_api.serving import OPEN, serving


@pytest.fixture(scope="session")
async def api(temporal: Client) -> AsyncIterator[httpx.AsyncClient]:
    """The API in front of a real server; workers are up to the test."""
    async with serving(temporal, OPEN) as http:
        yield http
