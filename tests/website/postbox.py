"""A mail server on this machine, for tests: it keeps what it is given, and says what it is told to say."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Server:
    """A mail server on this machine that keeps what it is given; ``answer`` is what it says to it."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.answer = "250 OK"
        self.refused = ""

    def letter_to(self, who: str) -> EmailMessage:
        """The last letter to somebody, once it has come."""
        for _ in range(600):
            for one in reversed(self.got):
                if one["To"] == who:
                    return one
            time.sleep(0.05)
        pytest.fail(f"No letter to {who} came.")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.got.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return self.answer


@contextlib.contextmanager
def standing() -> Iterator[tuple[Server, int]]:
    """A server and its port, until this ends."""
    server = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield server, port
    finally:
        controller.stop()
