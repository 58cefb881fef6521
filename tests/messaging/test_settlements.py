"""Answers find those who wait for them, in whichever order the two come."""

from __future__ import annotations

import pytest

from core.errors import BrokerUnavailable
from messaging.settlements import Pending, Settlements


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_both_orders(order: tuple[int, int]) -> None:
    settlements, pending = Settlements(), Pending("it")
    steps = [lambda: settlements.expect(7, pending), lambda: settlements.settle(7, ((0, "Success"),))]
    for number in order:
        steps[number]()
    assert pending.wait(0.0)


def test_nothing_came() -> None:
    assert not Pending("it").wait(0.0)


def test_a_refusal_is_raised_with_its_words() -> None:
    settlements, pending = Settlements(), Pending("a message on x")
    settlements.expect(1, pending)
    settlements.settle(1, ((0x10, "No matching subscribers"), (0x87, "Not authorized")))
    with pytest.raises(BrokerUnavailable, match="a message on x: Not authorized"):
        pending.wait(0.0)


def test_an_identifier_is_used_again() -> None:
    settlements = Settlements()
    for _ in range(3):
        pending = Pending("it")
        settlements.expect(7, pending)
        settlements.settle(7, ((0, "Success"),))
        assert pending.wait(0.0)
