"""Drives engine code: every call that it awaits is answered by an interpreter, over HTTP or by pretending."""

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from interlace.engine.ports import Call

Result = TypeVar("Result")


class Interpreter(Protocol):
    """Answers the calls of a run, itself or by awaiting them."""

    async def answer(self, call: Call) -> object:
        """Give a call's result."""
        ...


class Awaiting:
    """Hands calls on to whoever runs the code that it interprets."""

    async def answer(self, call: Call) -> object:
        """Give a call's result."""
        result: object = await call
        return result


async def under(interpreter: Interpreter, work: Coroutine[Call, Any, Result]) -> Result:
    """Drive engine code to its end; a failing call is raised inside it, where it awaits the call."""
    outcome: object = None
    failure: Exception | None = None
    try:
        while True:
            try:
                call = work.send(outcome) if failure is None else work.throw(failure)
            except StopIteration as end:
                result: Result = end.value
                return result
            outcome, failure = None, None
            try:
                outcome = await interpreter.answer(call)
            except Exception as error:  # noqa: BLE001 - whatever it is, the engine's code decides
                failure = error
    finally:
        work.close()
