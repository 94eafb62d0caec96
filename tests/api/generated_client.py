"""Goes from the queue to the ticket with nothing but a client generated from the OpenAPI document.

Called by `check.py` with the server's address; the package `generated` is on the path.
"""

import sys

from generated import AuthenticatedClient, Client
from generated.api.booking import hold_seats, list_schedules, list_seats, pay_reservation, read_reservation
from generated.api.concerts import list_concerts
from generated.api.people import log_in
from generated.api.waiting_room import join_concert_room, read_queue_token
from generated.api.wallet import charge_points, read_balance
from generated.models import AmountBody, HoldBest, LogInBody, PayBody

address = sys.argv[1]
anyone = Client(base_url=address)

session = log_in.sync(client=anyone, body=LogInBody(email="fan@example.com", password="stagedoor"))
fan = AuthenticatedClient(base_url=address, token=session.access_token)
concert = list_concerts.sync(client=anyone).items[0]

token = join_concert_room.sync(concert.id, client=fan)
holder = AuthenticatedClient(base_url=address, token=token.token)
assert read_queue_token.sync(client=holder).status == "ACTIVE"

schedule = list_schedules.sync(concert.id, client=holder, available=True).items[0]
seats = list_seats.sync(schedule.id, client=holder, available=True)
assert len(seats) == schedule.seats_available, (len(seats), schedule)

hold = hold_seats.sync(client=holder, body=HoldBest(schedule_id=schedule.id, best_available=2))
assert hold.status == "HELD" and len(hold.seats) == 2, hold
charge_points.sync(client=holder, body=AmountBody(amount=hold.total_price), idempotency_key="charge")
charge_points.sync(client=holder, body=AmountBody(amount=hold.total_price), idempotency_key="charge")
assert read_balance.sync(client=holder).balance == hold.total_price

payment = pay_reservation.sync(client=holder, body=PayBody(reservation_id=hold.id))
assert payment.status == "COMPLETED" and payment.balance == 0, payment
assert read_reservation.sync(hold.id, client=fan).status == "CONFIRMED"
print(f"a generated client bought seats {[seat.number for seat in hold.seats]}")
