"""Signals that arrive where Python drops exceptions: the command ends all the same, with its last line."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DEADLINE_S = 120.0

HEEDING = """
import gc, os, signal, sys, time
import click
from pulumi_alicdn.cli import interrupt
interrupt.heed_signals()
"""
WAITING = """
try:
    with interrupt.explain_interruption(lambda: ["101"], "run `alicdn wait {ids}` to go on waiting"):
BODY
        print("waiting", flush=True)
        while True:
            time.sleep(60)
except click.exceptions.Exit as ended:
    sys.exit(ended.exit_code)
"""
LOST_IN = {
    "a destructor": """
        class Held:
            def __del__(self):
                os.kill(os.getpid(), int(sys.argv[1]))
                time.sleep(60)
        held = Held()
        del held
""",
    "a callback of the garbage collector": """
        def collected(phase, info):
            gc.callbacks.clear()
            os.kill(os.getpid(), int(sys.argv[1]))
            time.sleep(60)
        gc.callbacks.append(collected)
        gc.collect()
""",
    "a library that catches everything": """
        try:
            os.kill(os.getpid(), int(sys.argv[1]))
            time.sleep(60)
        except BaseException:
            pass
""",
}
LONG_CLEANUP = """
        try:
            print("at work", flush=True)
            time.sleep(60)
        finally:
            # A pause lasts until a signal comes: here that of the timer.
            signal.pause()
            signal.pause()
            print("cleaned up", flush=True)
"""
ENDLESS_CLEANUP = """
        try:
            print("at work", flush=True)
            time.sleep(60)
        finally:
            signal.pause()
            print("cleaning up", flush=True)
            while True:
                time.sleep(60)
"""


@contextmanager
def child(body: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    program = HEEDING + WAITING.replace("BODY", body)
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=pipe, stderr=pipe, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("place", LOST_IN)
def test_an_interruption_that_python_drops_ends_the_command_all_the_same(place: str, number: signal.Signals) -> None:
    with child(LOST_IN[place], str(int(number))) as running:
        _, err = running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 128 + number
    assert err.endswith("alicdn: interrupted; the tasks go on in the cloud: run `alicdn wait 101` to go on waiting\n")


def _line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def test_a_long_cleanup_is_not_interrupted_by_the_repetition() -> None:
    with child(LONG_CLEANUP) as running:
        assert _line(running) == "at work"
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=DEADLINE_S)
    assert (running.returncode, out) == (128 + signal.SIGTERM, "cleaned up\n")
    assert "run `alicdn wait 101`" in err


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_command_at_once(second: signal.Signals) -> None:
    with child(ENDLESS_CLEANUP) as running:
        assert _line(running) == "at work"
        running.send_signal(signal.SIGINT)
        assert _line(running) == "cleaning up"
        running.send_signal(second)
        assert running.wait(DEADLINE_S) == -second


def test_one_ctrl_c_that_arrives_twice_counts_once() -> None:
    twice = """
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
"""
    with child(twice) as running:
        _, err = running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 128 + signal.SIGINT
    assert "run `alicdn wait 101`" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_threads_and_locks_that_never_end_do_not_hold_the_command_up(number: signal.Signals) -> None:
    held = """
        import threading
        lock = threading.Lock()
        lock.acquire()
        threading.Thread(target=lock.acquire).start()
        try:
            print("at work", flush=True)
            time.sleep(60)
        finally:
            lock.acquire()
"""
    with child(held) as running:
        assert _line(running) == "at work"
        running.send_signal(number)
        _, err = running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 128 + number
    assert err == "alicdn: interrupted; the tasks go on in the cloud: `alicdn tasks` lists them\n"


def test_an_alarm_that_arrives_while_python_ends_does_not_change_the_exit_code() -> None:
    late = """
        class Last:
            def __del__(self, kill=os.kill, own=os.getpid(), alarm=signal.SIGALRM):
                kill(own, alarm)
        sys.modules["last"] = Last()
        os.kill(os.getpid(), signal.SIGINT)
"""
    with child(late) as running:
        _, err = running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 128 + signal.SIGINT
    assert "run `alicdn wait 101`" in err


def test_a_signal_at_any_line_at_which_a_bar_begins_or_ends_leaves_no_thread_and_no_hidden_cursor() -> None:
    ours, theirs = pty.openpty()
    program = Path(__file__).with_name("interrupted_bar.py")
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, stderr=theirs, text=True) as running:
        os.close(theirs)
        shown = _until_it_is_closed(ours)
        out, _ = running.communicate(timeout=DEADLINE_S)
    *wrong, places = out.splitlines()
    assert not wrong
    assert int(places.split()[0]) > 100
    assert shown.count(b"\x1b[?25l") == shown.count(b"\x1b[?25h") > 100


def _until_it_is_closed(terminal: int) -> bytes:
    """Return what is written to the other side of *terminal* until nobody has it open."""
    read = b""
    with open(terminal, "rb", buffering=0) as reader:
        while True:
            try:
                read += reader.read(65_536)
            except OSError:
                return read
