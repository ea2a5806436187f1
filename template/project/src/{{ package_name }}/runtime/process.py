"""How a program that uses Temporal begins and ends."""

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

logger = logging.getLogger(__name__)


def run_process(program: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a program and end the process with the exit code that it returns.

    It is 1 after an error, and 2 with nothing but the message if the program raises SystemExit:
    what it was given is of no use.

    The interpreter is not finalized: a thread of the SDK may still run then and abort it, after all
    work is done (temporalio/sdk-python#300).
    """
    code = 1
    try:
        code = asyncio.run(program)
    except SystemExit as message:
        code = 2
        sys.stderr.write(f"{message}\n")
    except KeyboardInterrupt:
        code = 130
    except (Exception, asyncio.CancelledError):
        logger.exception("Stopped by an error")
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
