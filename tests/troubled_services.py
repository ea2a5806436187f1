"""Run inside a project with `order:saga, payment:retry`: many of both while the services are in trouble.

One call in five fails before it takes effect, and one in five of the others after it. Then the rows
are counted that the ledger has of each order and payment. Prints what is wrong, and fails if
anything is.
"""

import asyncio
import os
import random
import sys
import tempfile
import threading
import time
from asyncio.subprocess import DEVNULL
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import uvicorn
from dev.domains import domain
from dev.samples.order_samples import order
from dev.samples.payment_samples import payment
from dev.servers import start_server
from dev.services import Ledger, application
from my_temporal_service.client import order_client, payment_client
from my_temporal_service.models.order_models import CancelInput
from my_temporal_service.models.payment_models import RefundInput
from my_temporal_service.runtime.telemetry import free_port
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

COUNT = 200  # of each domain
TROUBLE = 0.2  # of the calls
IN_A_ROW = 5  # failures of one call at most: waiting for the seventh attempt would only take long

# How a server says that it has too much to do for an update.
ABORTED = (RPCStatusCode.ABORTED, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.UNAVAILABLE)
PATIENCE = 120  # seconds for which it may say so

SHIPPED = {"stock/reservations": 1, "payments/charges": 1, "shipping/parcels": 1}
CAPTURED = {"payments/authorisations": 1, "payments/captures": 1}

# What becomes of an order and of a payment, in turn.
ORDERS = ("ships", "ships", "is not paid", "is not shipped", "is cancelled", "is withdrawn")
PAYMENTS = ("is captured", "is declined", "is not captured", "is withdrawn", "is refunded")


class Ending(NamedTuple):
    """How a workflow ended; `must_complete` is None where both is right."""

    handle: WorkflowHandle
    plan: str
    completed: bool
    must_complete: bool | None
    refunded: bool = False


def troubled(services: ASGIApp) -> ASGIApp:
    """The services with trouble before and after them."""
    failures: Counter[tuple[str, ...]] = Counter()

    def strikes(call: tuple[str, ...]) -> bool:
        struck = failures[call] < IN_A_ROW and random.random() < TROUBLE
        failures[call] += struck
        return struck

    async def lose(_: Message) -> None:
        """Lose an answer."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await services(scope, receive, send)
            return
        call = (scope["method"], scope["path"], str(dict(scope["headers"])[b"idempotency-key"]))
        before = strikes(call)
        after = not before and strikes(call)
        if not before:
            await services(scope, receive, lose if after else send)
        if before or after:
            await JSONResponse({"error": "trouble"}, 503)(scope, receive, send)
        else:
            failures[call] = 0

    return handle


async def serve(ledger: Ledger) -> str:
    """Serve the services in a thread, until this process ends; their URL."""
    config = uvicorn.Config(troubled(application(ledger)), port=free_port(), log_level="warning")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        await asyncio.sleep(0.01)
    return f"http://127.0.0.1:{config.port}"


async def is_under_way(handle: WorkflowHandle, events: int) -> None:
    """Wait until a workflow has come this far, or has ended."""
    while True:
        now = await handle.describe()
        if now.history_length >= events or now.status != WorkflowExecutionStatus.RUNNING:
            return
        await asyncio.sleep(0.5)


async def accepted(request: Callable[[], Awaitable]) -> bool:
    """Whether a workflow takes a request; not if it has decided otherwise, or has ended.

    A server that has too much to do may abort an update: it is asked again, under the same id.
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await request()
            except WorkflowUpdateFailedError:
                return False
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    return False
                if error.status not in ABORTED:
                    raise
            else:
                return True


async def completes(handle: WorkflowHandle) -> bool:
    try:
        await handle.result()
    except WorkflowFailureError:
        return False
    return True


async def run_order(client: Client, number: int) -> Ending:
    plan = ORDERS[number % len(ORDERS)]
    refused = {
        "is not paid": {"payment_token": "declined"},
        "is not shipped": {"customer_id": "declined"},
    }
    placed = order(f"{number}", **refused.get(plan, {}))
    handle = await order_client.start(client, placed)
    must_complete: bool | None = plan == "ships"
    if plan in ("is cancelled", "is withdrawn"):
        await is_under_way(handle, events=5 + number % 19)
        if plan == "is cancelled":
            reason = CancelInput(reason="Changed my mind")
            must_complete = not await accepted(
                lambda: order_client.cancel(client, f"{number}", reason)
            )
        else:
            await accepted(handle.cancel)
            must_complete = None
    return Ending(handle, f"order {plan}", await completes(handle), must_complete)


async def run_payment(client: Client, number: int) -> Ending:
    plan = PAYMENTS[number % len(PAYMENTS)]
    details = {
        "is declined": {"payment_token": "declined"},
        "is not captured": {"statement": "declined"},
        "is refunded": {"refund_window_days": 1},
    }
    taken = payment(f"{number}", **details.get(plan, {}))
    handle = await payment_client.start(client, taken)
    must_complete: bool | None = plan in ("is captured", "is refunded")
    if plan == "is withdrawn":
        await is_under_way(handle, events=5 + number % 13)
        await accepted(handle.cancel)
        must_complete = None
    if plan == "is refunded":
        request = RefundInput(request_id="refund", reason="Broken")
        while not await accepted(lambda: payment_client.refund(client, f"{number}", request)):
            await asyncio.sleep(0.5)  # it is not captured yet
    return Ending(
        handle, f"payment {plan}", await completes(handle), must_complete, plan == "is refunded"
    )


def faults(ledger: Ledger, endings: list[Ending]) -> list[str]:
    """What is wrong with the rows of the ledger."""
    happened: dict[str, Counter[str]] = {ending.handle.id: Counter() for ending in endings}
    left: dict[str, Counter[str]] = {ending.handle.id: Counter() for ending in endings}
    for row in ledger.effects(""):
        workflow_id = row.key.partition(":")[0]
        happened[workflow_id][row.path] += row.happened
        left[workflow_id][row.path] += row.happened and not row.undone

    lines = []
    for ending in endings:
        workflow_id = ending.handle.id
        expected = SHIPPED if ending.plan.startswith("order") else CAPTURED
        expected = {**expected, "payments/refunds": 1} if ending.refunded else expected
        if ending.must_complete not in (None, ending.completed):
            lines.append(f"{ending.plan}: {workflow_id} completed is {ending.completed}")
        if +left[workflow_id] != (expected if ending.completed else {}):
            lines.append(
                f"{ending.plan}: {workflow_id} completed is {ending.completed},"
                f" but there is {dict(+left[workflow_id])}"
            )
        if any(count > 1 for count in happened[workflow_id].values()):
            lines.append(f"{ending.plan}: {workflow_id} did {dict(happened[workflow_id])}")
    return lines


async def run_all(client: Client, ledger: Ledger) -> list[str]:
    began = time.monotonic()
    endings = await asyncio.gather(
        *(run_order(client, number) for number in range(COUNT)),
        *(run_payment(client, number) for number in range(COUNT)),
    )
    print(f"{len(endings)} workflows ended within {time.monotonic() - began:.0f} s")
    outcomes = Counter(
        f"{ending.plan} and {'completes' if ending.completed else 'fails'}" for ending in endings
    )
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:4} {outcome}")
    undone = sum(row.happened and row.undone for row in ledger.effects(""))
    print(f"{undone:4} effects compensated for")
    running = (await client.count_workflows("ExecutionStatus = 'Running'")).count
    return faults(ledger, endings) + ([f"{running} workflows did not end"] if running else [])


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder, "ledger"))
        os.environ["SERVICES_URL"] = await serve(ledger)
        async with await start_server() as server:
            os.environ["TEMPORAL_ADDRESS"] = server.client.service_client.config.target_host
            os.environ["HEALTH_PORT"] = "0"
            workers = [
                await asyncio.create_subprocess_exec(
                    sys.executable, "-m", domain(name).worker, stderr=DEVNULL
                )
                for name in ("order", "payment")
            ]
            try:
                wrong = await run_all(server.client, ledger)
            finally:
                for worker in workers:
                    worker.terminate()
                    await worker.wait()
    print("\n".join(wrong) or "The ledger is consistent")
    return 1 if wrong else 0


if __name__ == "__main__":
    code = asyncio.run(main())
    sys.stdout.flush()
    os._exit(code)
