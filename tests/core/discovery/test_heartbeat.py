"""A long call keeps reporting and can be stopped."""

import threading

import pytest

from core.discovery.heartbeat import run_with_heartbeat
from core.domain.errors import JobCancelledError
from core.domain.progress import NullProgress


class Recorder:
    def __init__(self, cancel_at: int | None = None) -> None:
        self.reports: list[tuple[float, str]] = []
        self.threads: set[int] = set()
        self.enough = threading.Event()
        self._cancel_at = cancel_at

    def report(self, fraction, message="", **metrics):
        self.reports.append((fraction, message))
        self.threads.add(threading.get_ident())
        if len(self.reports) >= 3:
            self.enough.set()
        if len(self.reports) == self._cancel_at:
            raise JobCancelledError


def test_the_result_comes_back():
    assert run_with_heartbeat(lambda pulse: 7, NullProgress(), "counting") == 7


def test_a_fault_of_the_call_comes_back_even_a_timeout():
    for fault in (ValueError("no"), TimeoutError("slow")):

        def work(pulse, fault=fault):
            raise fault

        with pytest.raises(type(fault), match=str(fault)):
            run_with_heartbeat(work, NullProgress(), "failing")


def test_a_silent_call_is_reported_again_and_again_from_the_callers_thread():
    recorder = Recorder()
    assert run_with_heartbeat(lambda pulse: recorder.enough.wait(20), recorder, "waiting")
    assert len(recorder.reports) >= 3
    assert recorder.threads == {threading.get_ident()}


def test_what_the_call_says_of_its_share_is_passed_on():
    recorder = Recorder()

    def work(pulse):
        pulse.beat(0.25)
        return recorder.enough.wait(20)

    run_with_heartbeat(work, recorder, "working")
    assert (0.25, "working") in recorder.reports


def test_a_cancelled_call_has_ended_before_the_caller_goes_on():
    has_ended = threading.Event()

    def work(pulse):
        try:
            while True:
                pulse.beat(0.5)
        finally:
            has_ended.set()

    with pytest.raises(JobCancelledError):
        run_with_heartbeat(work, Recorder(cancel_at=2), "working")
    assert has_ended.is_set()
