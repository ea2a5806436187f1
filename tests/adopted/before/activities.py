import os

import httpx
from temporalio import activity


async def post(path: str, body: dict) -> str:
    base_url = os.environ.get("SERVICES_URL", "http://127.0.0.1:8280")
    async with httpx.AsyncClient(base_url=base_url) as client:
        response = await client.post(path, json=body)
        response.raise_for_status()
        return response.json()["id"]


@activity.defn
async def reserve(booking_id: str, seats: int) -> str:
    activity.logger.info("Reserving %d seats for %s", seats, booking_id)
    return await post("/reservations", {"booking_id": booking_id, "seats": seats})


@activity.defn
async def send_tickets(email: str, reservation_id: str) -> str:
    return await post("/emails", {"email": email, "reservation_id": reservation_id})
