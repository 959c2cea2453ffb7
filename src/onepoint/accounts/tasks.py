"""Jobs of the organisation."""

from procrastinate.contrib.django import app

from onepoint.accounts import services


@app.task(name="accounts.run_hand_over")
def run_hand_over(hand_over: int) -> None:
    """Give the work of somebody who leaves to others, item by item."""
    services.run_hand_over(hand_over, by=None)
