"""Statistics, bounds and what a report says of them."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import pytest

from callcenter.bench import calls, decisions, failopen, overload
from callcenter.bench.books import Books, compare, read_cdr, read_cel
from callcenter.bench.errors import BenchFailed
from callcenter.bench.failopen import Outcome
from callcenter.bench.intervals import Journey
from callcenter.bench.machine import Machine, field_of
from callcenter.bench.memory import Watch
from callcenter.bench.report import Figure, Measured, Report, rows, shown
from callcenter.bench.speech import SpeechOptions, measure
from callcenter.bench.statistics import Spread, percentile
from callcenter.bench.suite import run

MACHINE = Machine(2, "a processor", 4.0, "6.1", "3.11", 0.5)


def test_percentile_is_a_value_that_was_measured() -> None:
    values = [5.0, 1.0, 2.0, 4.0, 3.0]
    assert [percentile(values, p) for p in (1, 20, 50, 95, 100)] == [1.0, 1.0, 3.0, 5.0, 5.0]
    for wrong in ((), values):
        with pytest.raises(ValueError):
            percentile(wrong, 0)


def test_spread_knows_count_and_most() -> None:
    spread = Spread.of(float(n) for n in range(1, 201))
    assert (spread.count, spread.p50, spread.p99, spread.most) == (200, 100.0, 198.0, 200.0)


def test_bound_holds_when_it_is_just_reached_and_not_without_a_value() -> None:
    assert Figure("x", 20.0, "ms", at_most=20).met is True
    assert Figure("x", 20.1, "ms", at_most=20).met is False
    assert Figure("x", 99.0, "", at_least=100).met is False
    assert Figure("x", None, "ms", at_most=20).met is False
    assert Figure("x", 1.0, "ms").met is None


def test_report_says_plainly_what_is_not_met() -> None:
    measured = Measured((Figure("slow", 30.0, "ms", at_most=20), Figure("told", 1.0, "")))
    report = Report("seats", True, 3.21, MACHINE, measured)
    assert not report.met
    assert rows(report) == [
        ("seats", "slow", "30 ms", "≤ 20 ms", "NOT MET"),
        ("seats", "told", "1", "", ""),
    ]
    told = report.to_json()
    assert (told["met"], told["quick"], told["duration_s"]) == (False, True, 3.2)
    assert told["figures"][0] == {
        "name": "slow",
        "value": 30.0,
        "unit": "ms",
        "at_most": 20,
        "met": False,
    }


def test_bench_that_could_not_be_carried_out_is_not_met() -> None:
    report = Report("seats", False, 0.1, MACHINE, Measured(()), "sipp is not installed")
    assert not report.met
    assert rows(report)[-1] == ("seats", "sipp is not installed", "", "", "NOT CARRIED OUT")


def test_figures_are_shown_with_as_many_digits_as_are_read() -> None:
    shown_values = [shown(value) for value in (None, 3.0, 0.01234, 12.345, 123.456, 12345.6)]
    assert shown_values == ["—", "3", "0.0123", "12.3", "123.5", "12,346"]


def test_field_of_a_file_of_the_kernel() -> None:
    assert field_of("Name:\tx\nVmRSS:\t  2048 kB\n", "VmRSS") == "2048 kB"
    assert field_of("", "VmRSS") == "0"


def test_growth_that_is_allowed_is_that_of_a_logarithm() -> None:
    assert math.isclose(2.0, decisions.GROWTH_AT_MOST)


def test_faults_are_measured_against_the_same_calls_without_one() -> None:
    def of(*took_s: float, lost: int = 0) -> Outcome:
        reached = [Journey(str(n), 0.0, at_seat=took) for n, took in enumerate(took_s)]
        return Outcome.of([*reached, *(Journey(f"l{n}", 0.0) for n in range(lost))])

    found = {"none": of(0.1, 0.2), "dead": of(0.1, 6.0), "hung": of(0.2, lost=1)}
    told = {figure.name: (figure.value, figure.met) for figure in failopen.figures(found)}
    assert told == {
        "none: callers at a seat": (100.0, True),
        "dead: callers at a seat": (100.0, True),
        "dead: p99 later by": (5.8, False),
        "hung: callers at a seat": (50.0, False),
        "hung: p99 later by": (0.0, True),
    }


def test_recovery_lasts_until_the_last_caller_who_was_kept_waiting() -> None:
    callers = [
        Journey("631", 100.0, rung=104.0),
        Journey("632", 105.0, rung=105.1),
        Journey("611", 50.0, rung=130.0),
    ]
    assert overload.recovered_s(callers, 100.0) == pytest.approx(4.0)
    assert overload.recovered_s(callers[1:], 100.0) == 0.0
    never = [Journey("633", 101.0)]
    assert overload.recovered_s(never, 100.0) == math.inf


def test_who_waits_is_neither_at_a_seat_nor_gone() -> None:
    callers = [
        Journey("1", 1.0),
        Journey("2", 1.0, at_seat=1.5),
        Journey("3", 1.0, left=1.5),
        Journey("4", 1.0, at_seat=9.0, left=10.0),
        Journey("5", 3.0),
    ]
    assert overload.waiting_at(callers, 2.0) == 2


def test_patient_callers_keep_every_seat_busy_to_the_end_of_the_overload() -> None:
    for size in (overload.FULL, overload.QUICK):
        prefill_s = size.patient / overload.PREFILL_PER_S
        served = size.capacity_per_s * (prefill_s + size.overload_s)
        assert size.patient == pytest.approx(served, abs=2)


def test_phones_of_the_many_calls_do_something_with_each() -> None:
    assert sum(calls.OUTCOMES.values()) == 100


def test_memory_is_compared_between_a_settled_moment_and_the_end() -> None:
    watch = Watch()
    for ended, mib in ((0, 90.0), (1000, 100.0), (5000, 104.0), (10_000, 103.0)):
        watch.note(ended, mib)
    assert (watch.at_part(0.1), watch.at_part(1.0), watch.most) == (100.0, 103.0, 104.0)
    assert len(watch.thinned(2)) == 2


def test_books_that_disagree_name_the_call(tmp_path) -> None:
    cel, cdr = tmp_path / "cel.csv", tmp_path / "cdr.csv"
    cel.write_text(
        '"CHAN_START","1","PJSIP/trunk-01","7.1","7.1","line-in","",""\n'
        '"BRIDGE_ENTER","2","PJSIP/s01-02","7.2","7.1","join","ConfBridge",""\n'
        '"BRIDGE_ENTER","2","PJSIP/s02-03","7.3","7.1","offer","Dial",""\n'
        '"CHAN_END","3","PJSIP/trunk-01","7.1","7.1","join","",""\n'
        '"CHAN_START","4","PJSIP/trunk-04","8.1","8.1","line-in","",""\n',
        "utf-8",
    )
    row = ["", "71", "110", "line-in", "71", "PJSIP/trunk-01", *[""] * 10, "7.1", ""]
    cdr.write_text(",".join(f'"{value}"' for value in row) + "\n", "utf-8")
    kept = Books(journal_calls={"7.1", "9.1"}, journal_ended={"7.1"})
    read_cel(cel, frozenset({"s01", "s02"}), kept)
    read_cdr(cdr, kept)
    assert {what: which for what, which in compare(kept).items() if which} == {
        "in Asterisk's events, not in the journal": {"8.1"},
        "in the journal, not in Asterisk's events": {"9.1"},
        "in Asterisk's events, not in its records": {"8.1"},
        "not ended in the journal": {"9.1"},
        "not ended in Asterisk": {"8.1"},
        "at a seat in Asterisk only": {"7.1 s01"},
    }
    assert kept.both == {"7.1"}


async def test_service_that_was_killed_runs_again_though_its_callers_broke_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    class Floor:
        service = "service"

        async def restart_service(self) -> None:
            done.append("restarted")

    async def kill(service: str) -> None:
        done.append(f"killed {service}")

    monkeypatch.setattr(failopen, "_kill", kill)
    with pytest.raises(BenchFailed):
        async with failopen.dead(Floor()):
            raise BenchFailed("no capture")
    assert done == ["killed service", "restarted"]


def test_what_is_not_there_to_measure_is_skipped_and_did_not_pass(tmp_path: Path) -> None:
    options = SpeechOptions(data=tmp_path)
    report = run(
        "speech", quick=True, say=lambda text: None, bench=partial(measure, options=options)
    )
    assert "no speech in it" in report.skipped
    assert not report.failed
    assert not report.met
    assert report.to_json()["skipped"] == report.skipped
    assert rows(report)[-1][-1] == "SKIPPED"
