"""Chinese and Korean calls: what weighs, how far words reach, whose times and looks count."""

from typing import Any

import pytest

from callcenter.incidents.extract import Extractor
from callcenter.incidents.patterns import compile_patterns
from callcenter.incidents.record import Turn


def fields(language: str, *said: str) -> dict[str, Any]:
    """The record of these words; an operator's begin with ``O:``."""
    turns = [
        Turn("operator", text[2:].strip(), 3000 * number)
        if text.startswith("O:")
        else Turn("caller", text, 3000 * number)
        for number, text in enumerate(said)
    ]
    return dict(Extractor(language).extract(turns).fields)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("불이 크게 났어요", True),
        ("불은 안 났어요", False),
        ("불이요. 났어요", False),
    ],
)
def test_gap_reaches_neither_over_a_not_nor_into_the_next_sentence(text: str, found: bool) -> None:
    assert bool(compile_patterns(["불...났"], joined=True).search(text)) is found


def test_gap_of_chinese_words_stops_at_a_not_but_not_at_without_end() -> None:
    pattern = compile_patterns(["车...撞"], joined=True)
    assert not pattern.search("车没撞到")
    assert pattern.search("车没停就撞了")


def test_first_words_about_a_matter_weigh_more_than_what_is_mentioned_later() -> None:
    said = (
        "접촉사고 났어요",
        "O: 어떻게 됐어요?",
        "저 사람이 시끄럽게 난리예요. 술에 취했나 봐요.",
    )
    assert fields("ko", *said)["category"] == "traffic"


@pytest.mark.parametrize(
    ("language", "said", "when"),
    [
        ("zh", ["我的电动车被偷了，昨天晚上"], "昨天晚上"),
        ("zh", ["我的电动车被偷了，不到三分钟"], "不到三分钟"),
        ("zh", ["我想问一下，派出所星期六上不上班？"], None),
        ("zh", ["他喊老子今天弄死你"], None),
        ("zh", ["井盖没了，晚上看不见的，娃娃天天走这里"], None),
        ("ko", ["오토바이를 도둑맞았어요. 어젯밤에 세워 뒀는데요"], "어젯밤에"),
        ("ko", ["강도예요", "O: 언제요?", "일 분도 안 됐어요"], "일 분도 안 됐어요"),
        ("ko", ["시끄러워요. 지난번에도 신고했어요"], None),
        ("ko", ["시끄러워서 미치겠어요. 내일 아침에 시험이에요"], None),
        ("ko", ["싸움이 났어요", "O: 역무원이 왔나요?", "방금 왔어요"], None),
    ],
)
def test_time_is_that_of_the_event(language: str, said: list[str], when: str | None) -> None:
    assert fields(language, *said)["when"] == when


@pytest.mark.parametrize(
    ("language", "said", "suspects"),
    [
        ("zh", "我房东威胁我，说要打死我", ["我房东"]),
        ("zh", "楼上两口子又在打架，她老公一直打她", ["她老公"]),
        ("zh", "楼上两口子又在打架，砸东西", ["楼上两口子"]),
        ("ko", "옆 가게 사장이 저를 죽인다고 협박해요", ["옆 가게 사장"]),
        ("ko", "아들이 또 술 먹고 저를 때려요", ["아들"]),
    ],
)
def test_who_it_is_counts_where_nobody_is_described(
    language: str, said: str, suspects: list[str]
) -> None:
    assert fields(language, said)["suspects"] == suspects


def test_vehicle_is_a_suspect_only_where_somebody_fled_with_it_or_drives_drunk() -> None:
    asked = "O: 什么车？"
    parked = fields("zh", "有个车堵住我的车库门口", asked, "黑色的大众")
    fled = fields("zh", "有个车撞了人就跑了", asked, "黑色的大众")
    assert parked["suspects"] is None
    assert fled["suspects"] == ["黑色的大众"]


def test_ending_of_the_word_before_a_korean_number_is_no_digit() -> None:
    said = ("애가 없어졌어요", "O: 성함하고 전화번호요.", "홍미정이요. 공일공 공공일사 공팔팔사.")
    assert fields("ko", *said)["callback"] == "01000140884"
    assert fields("ko", *said)["caller_name"] == "홍미정"


def test_korean_name_is_found_behind_who_it_is() -> None:
    assert fields("ko", "할머니가 없어지셨어요. 저는 손녀 윤다은이에요.")["caller_name"] == "윤다은"


def test_another_who_is_hurt_is_counted() -> None:
    said = "여학생이 팔을 맞아서 멍들었고요, 다른 한 분은 눈썹이 찢어졌어요."
    assert fields("ko", said)["injured"] == 2


@pytest.mark.parametrize(
    ("language", "said", "in_danger"),
    [
        ("zh", "我孩子不见了，男孩，五岁", True),
        ("zh", "我妈走丢了，她老年痴呆，我是她儿子", False),
        ("zh", "我女儿不见了，十六岁，高中生", False),
        ("ko", "다섯 살 여자애가 없어졌어요", True),
        ("ko", "치매 있으신 할머니가 없어지셨어요, 저는 손자예요", False),
    ],
)
def test_missing_child_is_in_danger_and_a_grown_up_is_not(
    language: str, said: str, in_danger: bool
) -> None:
    record = fields(language, said)
    assert record["category"] == "missing_person"
    assert ("child_in_danger" in (record["dangers"] or ())) is in_danger


@pytest.mark.parametrize(
    ("language", "said", "danger"),
    [
        ("zh", "那辆车把出口堵住了，我的车出不去", "trapped"),
        ("zh", "我被关在电梯里，不想活的人才坐这个", "death_threat"),
        ("ko", "취객이 병을 들고 시비를 거는데 골목이 막혔어요", "crash"),
    ],
)
def test_danger_of_another_kind_of_matter_is_none(language: str, said: str, danger: str) -> None:
    assert danger not in (fields(language, said)["dangers"] or ())


@pytest.mark.parametrize(
    ("language", "said"), [("zh", ["……", "O: 不方便就咳嗽", "咳。"]), ("ko", ["…", "…네."])]
)
def test_sounds_and_a_lone_yes_are_silence(language: str, said: list[str]) -> None:
    assert fields(language, *said)["category"] == "silent"


@pytest.mark.parametrize(
    ("language", "said", "in_danger"),
    [
        ("zh", "我娃娃三岁，发高烧抽起来了", True),
        ("zh", "我老公四十二岁，发高烧抽起来了", False),
        ("ko", "아기가 열이 펄펄 끓고 경련을 해요", True),
        ("ko", "할아버지가 경련을 하세요, 여든두 살이세요", False),
    ],
)
def test_sick_child_is_in_danger(language: str, said: str, in_danger: bool) -> None:
    record = fields(language, said)
    assert record["category"] == "medical"
    assert ("child_in_danger" in (record["dangers"] or ())) is in_danger


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("술 취한 사람이 가게에서 소리 지르고 있어요", True),
        ("술 취한 사람이 소리 질렀는데 지금은 갔어요", False),
    ],
)
def test_who_is_doing_it_now_is_still_there(said: str, there: bool) -> None:
    assert ("still_there" in (fields("ko", said)["dangers"] or ())) is there


def test_two_who_are_described_are_two_suspects() -> None:
    said = ("有人抢我的包", "O: 什么样子？", "一个穿黑衣服戴口罩，另外一个是光头穿花衬衫")
    assert fields("zh", *said)["suspects"] == ["一个穿黑衣服戴口罩", "另外一个是光头穿花衬衫"]


def test_description_in_passing_ends_where_it_is_told_what_they_do() -> None:
    said = "모자 쓴 남자가 지하철역부터 계속 따라와요, 제가 서면 그 사람도 서요."
    assert fields("ko", said)["suspects"] == ["모자 쓴 남자"]


def test_wound_that_is_only_threatened_hurts_nobody() -> None:
    assert fields("zh", "他把我锁在屋里，说我敢走就打断我的腿。")["injured"] is None


def test_who_chokes_is_not_told_twice_not_to_breathe() -> None:
    dangers = fields("zh", "我娃娃吃汤圆卡住了，喘不上气！")["dangers"]
    assert "choking" in dangers
    assert "not_breathing" not in dangers
