"""What the operator says back or asks about a place, in Chinese and Korean."""

from __future__ import annotations

from collections.abc import Sequence


def ask_which(language: str, place: str, other: str | None) -> str:
    """The place is not sure: offer what it may be."""
    if language == "ko":
        return f"{place} 말씀이세요?" if other is None else f"{place}인가요, {other}인가요?"
    return f"您说的是{place}吗？" if other is None else f"您说的是{place}，还是{other}？"


def ask_where_on(language: str, street: str, districts: Sequence[str]) -> str:
    """One street is known, not where on it."""
    which = len(districts) > 1
    if language == "ko":
        where = f" {' 아니면 '.join(districts[:4])} 중 어느 쪽인가요?" if which else ""
        return f"{street} 어디쯤이세요? 가까운 교차로나 건물을 말씀해 주세요.{where}"
    where = f"是{'还是'.join(districts[:4])}？" if which else ""
    return f"您在{street}的哪一段？靠近哪个路口或者什么建筑？{where}"


def ask_place(language: str) -> str:
    """Nothing is known."""
    if language == "ko":
        return "정확히 어디세요? 가까운 교차로나 건물, 지하철역을 말씀해 주세요."
    return "您具体在什么位置？附近有什么路口、楼牌或者标志性建筑？"
