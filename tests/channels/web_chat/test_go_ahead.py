"""Who comes by a green channel is answered before those who waited longer."""

import pytest

from onepoint.channels import green
from onepoint.channels.green import Green


def test_a_green_channel_goes_before_every_level(begin, monkeypatch: pytest.MonkeyPatch) -> None:
    usual, _token = begin()
    monkeypatch.setattr(green, "_judges", [lambda *asked: Green("重保", 2) if asked[3] == "chat" else None])
    hurried, _token = begin()
    assert (usual.entry.priority, hurried.entry.priority) == (0, 20)
