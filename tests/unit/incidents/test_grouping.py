"""Whatever is joined and separated again is as it was before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.incidents.grouping import joined, members, separated, top

CALLS = [f"1.{number}" for number in range(8)]
pairs = st.lists(st.tuples(st.sampled_from(CALLS), st.sampled_from(CALLS)), max_size=12)


def incidents(links):
    """Which calls are one: by the call that began each incident."""
    found = {}
    for call in CALLS:
        found.setdefault(top(links, call), set()).add(call)
    return found


def joins(wanted):
    """Links after each join that was possible, and what was joined."""
    links, steps = {}, []
    for one, other in wanted:
        if top(links, one) == top(links, other):
            continue
        before = links
        links = joined(links, one, other)
        steps.append((before, links, top(before, one)))
    return steps


@given(pairs)
def test_taking_the_newest_join_back_leaves_what_was_before_it(wanted):
    for before, after, what in reversed(joins(wanted)):
        assert incidents(separated(after, what)) == incidents(before)


@given(pairs, st.randoms(use_true_random=False))
def test_all_joins_taken_back_in_any_order_leave_every_call_alone(wanted, lots):
    steps = joins(wanted)
    links = steps[-1][1] if steps else {}
    order = [what for _, _, what in steps]
    lots.shuffle(order)
    for what in order:
        links = separated(links, what)
    assert incidents(links) == {call: {call} for call in CALLS}


@given(pairs)
def test_a_join_makes_one_of_two_and_touches_no_third(wanted):
    for before, after, what in joins(wanted):
        whole = incidents(after)[top(after, what)]
        assert whole == members(after, top(after, what))
        parts = [group for group in incidents(before).values() if group <= whole]
        assert len(parts) == 2 and set().union(*parts) == whole
        others = [group for group in incidents(before).values() if not group & whole]
        assert all(group in incidents(after).values() for group in others)


def test_what_is_one_already_is_not_joined_again_nor_what_is_alone_separated():
    links = joined({}, "1.1", "1.2")
    with pytest.raises(ValueError, match="already"):
        joined(links, "1.2", "1.1")
    with pytest.raises(ValueError, match="not joined"):
        separated(links, "1.2")
