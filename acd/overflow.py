"""Overflow: what happens to a call that no seat of its queue takes in good time.

Rules are looked at only for calls that wait after every decision that could be made: a call that a
seat can take at once does not overflow. Each rule is applied to a call at most once. A call that
more seats may take by a rule stands in their queues too, in the one place that it has; so it goes
before whoever came to them later.

A queue's length counts as reached for all who wait in it when the rule shares seats (else later
callers would be served before earlier ones), and for the callers at the threshold and after it
when the rule sends them elsewhere.
"""

from __future__ import annotations

import math
from typing import Final

from acd.calls import Call
from acd.commands import Announce, Divert, Overflowed
from acd.floor import Due, Floor
from acd.model import CallState, OverflowRule, OverflowTo, OverflowWhen, QueueSettings
from acd.strategy import EVERYBODY

RECHECK_S: Final = 5.0
"""How often estimated waits are looked at, in queues with a rule on them where somebody waits."""


def check(floor: Floor) -> None:
    """Apply what there is to apply to the calls that are marked for it."""
    while floor.unchecked:
        call_id = next(iter(floor.unchecked))
        del floor.unchecked[call_id]
        call = floor.calls.get(call_id)
        if call is not None and call.state is CallState.WAITING:
            _check(floor, call)


def check_estimates(floor: Floor, queue_id: str) -> None:
    """Mark the calls of a queue whose estimated wait may have become long enough for a rule."""
    queue = floor.queue(queue_id)
    waits_s = [r.threshold for r in queue.overflow if r.when is OverflowWhen.ESTIMATED_WAIT_S]
    if not waits_s or not floor.waiting.length(queue_id):
        return
    floor.timers.set((Due.ESTIMATES, queue_id), floor.now + RECHECK_S)
    position = floor.load.position_of(queue_id, floor.pool_of(queue_id), min(waits_s))
    if position is not None:
        for call_id in floor.waiting.in_queue(queue_id, position):
            floor.unchecked[call_id] = None


def estimate_s(floor: Floor, call: Call, position: int) -> float | None:
    """How much longer a call at this position of its queue waits, as far as can be told."""
    return floor.load.estimate_s(call.queue, floor.pool_of(call.queue), position)


def _check(floor: Floor, call: Call) -> None:
    queue = floor.queue(call.queue)
    next_at = math.inf
    for rule in queue.overflow:
        if rule in call.overflowed:
            continue
        if rule.when is OverflowWhen.WAITED_S:
            at = call.waiting_since + rule.threshold
            if at > floor.now:
                next_at = min(next_at, at)
                continue
        elif not _holds(floor, call, queue, rule):
            continue
        _overflow(floor, call, rule)
        if call.state is not CallState.WAITING:
            return
    if math.isfinite(next_at):
        floor.timers.set((Due.OVERFLOWS, call.id), next_at)
    else:
        floor.timers.cancel((Due.OVERFLOWS, call.id))


def _holds(floor: Floor, call: Call, queue: QueueSettings, rule: OverflowRule) -> bool:
    pool = floor.pool_of(queue.id)
    match rule.when:
        case OverflowWhen.QUEUE_LENGTH:
            return _is_long(floor, call, queue, rule)
        case OverflowWhen.NO_SEAT:
            return floor.load.on_duty(pool) == 0
        case _:
            if (Due.ESTIMATES, queue.id) not in floor.timers:
                floor.timers.set((Due.ESTIMATES, queue.id), floor.now + RECHECK_S)
            if floor.load.on_duty(pool) == 0:
                return True
            wait_s = estimate_s(floor, call, floor.waiting.position(call.id))
            return wait_s is not None and wait_s >= rule.threshold


def _is_long(floor: Floor, call: Call, queue: QueueSettings, rule: OverflowRule) -> bool:
    if not rule.shares_seats:
        return floor.waiting.position(call.id) >= rule.threshold
    is_long = floor.waiting.length(queue.id) >= rule.threshold
    key = (queue.id, rule.threshold)
    if is_long and not floor.long_queues.get(key):
        floor.unchecked.update(dict.fromkeys(floor.waiting.in_queue(queue.id)))
    floor.long_queues[key] = is_long
    return is_long


def _overflow(floor: Floor, call: Call, rule: OverflowRule) -> None:
    call.overflowed = (*call.overflowed, rule)
    floor.commands.append(Overflowed(call.id, call.queue, rule))
    match rule.to:
        case OverflowTo.QUEUE | OverflowTo.EVERYBODY:
            pool = rule.target if rule.to is OverflowTo.QUEUE else EVERYBODY
            call.overflow_pools = (*call.overflow_pools, pool)
            floor.stand_anew(call)
        case OverflowTo.NUMBER:
            floor.stop_waiting(call)
            call.move(CallState.DIVERTED, floor.now)
            floor.commands.append(Divert(call.id, rule.target))
        case OverflowTo.ANNOUNCEMENT:
            floor.commands.append(Announce(call.id, rule.target, first=False, call_back=True))
