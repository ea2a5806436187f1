"""The connection to Temporal: the SDK's own configuration in, the SDK's own client out."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig

# Workers, replay and every other program must agree on it: a history that is read with another
# converter replays without complaint and proves nothing.
DATA_CONVERTER = pydantic_data_converter


async def connect() -> Client:
    """Connect to the server that the TEMPORAL_* variables or the profile in temporal.toml name.

    Without either it is localhost:7233. Raises RuntimeError if the server cannot be reached.
    """
    options = ClientConfig.load_client_connect_config()
    options.setdefault("target_host", "localhost:7233")
    return await Client.connect(**options, data_converter=DATA_CONVERTER)
