"""Differences of texts: nothing is lost, nothing is added, no markup breaks through."""

from html.parser import HTMLParser
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from matcher.differences import pieces
from web.record_words import marked

# Few chunks, so that two texts have many in common.
CHUNKS = st.sampled_from(["防霉", "<b>", "</del>", "&amp;", "80℃", "\n", " ", "<script>", '"'])
TEXTS = st.lists(CHUNKS | st.text(st.characters(codec="utf-8"), max_size=2), max_size=12).map("".join)


class _Reader(HTMLParser):
    """Collects the text outside and inside of tags, and every tag."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.inside = ""
        self.texts = {"": "", "del": "", "ins": ""}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.add(tag)
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        self.texts[self.inside] += data


@given(TEXTS, TEXTS)
def test_the_pieces_make_up_both_texts(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(each.text for each in found if each.state != "new") == before
    assert "".join(each.text for each in found if each.state != "gone") == after
    assert all(each.text for each in found)
    assert all(one.state != next_one.state for one, next_one in pairwise(found))


@given(TEXTS, TEXTS)
def test_no_markup_breaks_through(before: str, after: str) -> None:
    found = pieces(before, after)
    reader = _Reader()
    reader.feed(str(marked(found)))
    reader.close()
    assert reader.tags <= {"del", "ins"}
    for state, tag in (("same", ""), ("gone", "del"), ("new", "ins")):
        assert reader.texts[tag] == "".join(each.text for each in found if each.state == state)


def test_equal_texts_have_no_differences() -> None:
    assert {each.state for each in pieces("一行\n两行", "一行\n两行")} == {"same"}
    assert pieces("", "") == ()


def test_only_what_changed_is_marked() -> None:
    found = pieces("霉变面积≤5%，成本35元", "霉变面积≤2%，成本35元")
    assert [(each.state, each.text) for each in found] == [
        ("same", "霉变面积≤"),
        ("gone", "5"),
        ("new", "2"),
        ("same", "%，成本35元"),
    ]


def test_long_passages_are_compared_whole() -> None:
    before, after = "甲乙" * 20_000, "乙甲" * 20_000
    assert [each.state for each in pieces(before, after)] == ["gone", "new"]
