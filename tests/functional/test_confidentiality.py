"""Three depths of a record, interest and consent, and the audit, as their users meet them over HTTP."""

import csv
import io
import logging
import random
import re
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from matcher.accounts import NewAccount
from matcher.confidentiality import VERSION
from matcher.errors import InvalidInputError
from matcher.models import Achievement, Need, Record
from matcher.people import MemberRole
from matcher.service import Service
from tests.support.people import PASSWORD, SIGNATURE, member, sign_in
from tests.support.visitor import Visitor
from web.frame import money

pytestmark = pytest.mark.wide

FIRM, UNIVERSITY, BROKERS, OTHER = "云栖木业有限公司", "北岭林业大学", "通达技术服务有限公司", "旁观建材有限公司"
PEOPLE: dict[str, tuple[str, MemberRole]] = {
    "firm": (FIRM, "enterprise"),
    "university": (UNIVERSITY, "university"),
    "broker": (BROKERS, "broker"),
    "other": (OTHER, "enterprise"),
}
SECRET = "配方编号九九七号催干剂"
ANNEX = "附件：月产三万立方，客户是海港集团"
QUESTIONS = {"why": "防霉正是我们的方向", "offer": "有中试线", "expectation": "提供样品", "contact": "王老师 0551-1234"}


@pytest.fixture
def people(app: Flask, service: Service) -> dict[str, Visitor]:
    """A browser of each party, one of somebody not signed in, one of the administrator."""
    made = {
        role: Visitor(sign_in(app.test_client(), service, member(service, role, *place)))
        for role, place in PEOPLE.items()
    }
    made["visitor"] = Visitor(app.test_client())
    made["administrator"] = Visitor(sign_in(app.test_client(), service))
    return made


def post_need(firm: Visitor, **more: object) -> str:
    """Post a need of the firm that only brokers read in full; return its address."""
    firm.open("/needs/new")
    typed = {
        "title": "集成材海运防霉的难题",
        "description": f"木材在海运途中发霉。现用{SECRET}，管不到十天。",
        "indicators": "霉变面积不超过百分之五",
        "summary": "出口木制品运输途中的防霉",
        "visibility": "brokers",
        "field": "4.5",
        "region": "合肥市蜀山区",
        "budget_yuan": "50",
    }
    return firm.press("发布", **(typed | more))


def test_who_may_not_read_in_full_sees_the_summary(people: dict[str, Visitor]) -> None:
    need = post_need(people["firm"])
    for role in ("visitor", "university", "other"):
        page = people[role].open(need)
        assert "出口木制品运输途中的防霉" in page and "公开摘要" in page, role
        for hidden in (SECRET, FIRM, "蜀山", "霉变面积", "50 万元"):
            assert hidden not in page, (role, hidden)
        assert "安徽省" in page
    for role in ("firm", "broker", "administrator"):
        page = people[role].open(need)
        assert SECRET in page and FIRM in page, role


def test_an_organisation_that_is_named_reads_in_full(people: dict[str, Visitor]) -> None:
    need = post_need(people["firm"], visibility="named", named=UNIVERSITY)
    assert SECRET in people["university"].open(need)
    for role in ("other", "broker", "visitor"):
        assert SECRET not in people[role].open(need), role
    assert UNIVERSITY in people["firm"].open(f"{need}/edit")


def test_what_is_closed_to_brokers_stays_so_when_withdrawn(people: dict[str, Visitor]) -> None:
    need = post_need(people["firm"], visibility="named", named=UNIVERSITY)
    people["firm"].open(need)
    people["firm"].press("撤回", reason="plan_changed")
    people["broker"].open(need, 404)
    people["university"].open(need, 404)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"visibility": "named", "named": ""}, "请至少写一个单位的全称"),
        ({"visibility": "named", "named": "没有这个单位"}, "没有登记过“没有这个单位”"),
        ({"visibility": "odd"}, "“odd”不是可选的范围"),
        ({"summary": f"{FIRM}要解决防霉"}, f"却写有单位名称“{FIRM}”"),
        ({"title": f"{FIRM}的防霉难题"}, f"却写有单位名称“{FIRM}”"),
    ],
)
def test_a_wrong_choice_of_readers_is_told(people: dict[str, Visitor], typed: dict[str, str], told: str) -> None:
    people["firm"].open("/needs/new")
    shared = {"title": "集成材防霉", "description": SECRET, "visibility": "brokers"}
    page = people["firm"].press("发布", 400, **(shared | typed))
    assert told in page and SECRET in page


def test_the_name_of_the_firm_shows_when_it_wants(people: dict[str, Visitor]) -> None:
    need = post_need(people["firm"], shows_organisation="y")
    page = people["visitor"].open(need)
    assert FIRM in page and SECRET not in page


def test_the_preview_shows_what_others_see(people: dict[str, Visitor]) -> None:
    people["firm"].open("/needs/new")
    shared = {"title": "集成材防霉", "description": SECRET, "summary": "木制品防霉", "visibility": "members"}
    page = people["firm"].press("预览", 200, **shared)
    whole, public = page.split("其他人只看到")
    assert SECRET in whole and "木制品防霉" in public and SECRET not in public.split("<form")[0]


def test_search_finds_nothing_by_what_one_may_not_read(people: dict[str, Visitor]) -> None:
    need = post_need(people["firm"])
    for role, finds in (("visitor", False), ("university", False), ("broker", True), ("firm", True)):
        for address in ("/search?kind=need&q=催干剂", "/needs?q=催干剂"):
            assert (f'href="{need}"' in people[role].open(address)) is finds, (role, address)


def test_reasons_hold_only_what_one_may_read(people: dict[str, Visitor], service: Service) -> None:
    need = post_need(people["firm"])
    offered = Achievement(title="催干剂", description=f"替代{SECRET}的助剂，霉变面积不超过百分之五", status="published")
    number = service.postings.post(offered, "测试").id
    address = f"/matches/{need.rsplit('/', 1)[1]}/{number}"
    whole, part = people["broker"].open(address), people["visitor"].open(address)
    assert "催干剂" in shared_terms(whole) and SECRET in without_tags(whole)
    assert "催干剂" not in shared_terms(part) and "没有对您公开" in part
    assert "霉变面积" in without_tags(whole.split("双方原文")[1].split("成果</span>")[0])
    assert "霉变面积" not in without_tags(part.split("双方原文")[1].split("科技成果</span>")[0])


def shared_terms(page: str) -> str:
    return without_tags("".join(re.findall(r'<ul class="shared-terms".*?</ul>', page)))


def without_tags(page: str) -> str:
    return re.sub("<[^>]+>", "", page)


def test_an_annex_opens_to_whom_the_owner_admits(people: dict[str, Visitor], service: Service) -> None:
    firm, university = people["firm"], people["university"]
    need = post_need(firm)
    firm.open(f"{need}/annex/edit")
    firm.press("保存附件", annex=ANNEX)
    university.open(f"{need}/annex", 403)
    university.open(need)
    university.open(f"{need}/annex/ask")
    assert "请先勾选接受保密声明" in university.press("接受并申请", 400)
    university.press("接受并申请", accepts="y")
    university.open(f"{need}/annex", 403)
    assert VERSION in firm.open(f"{need}/annex/edit")
    firm.press(f"准许阅读：{UNIVERSITY}")
    assert ANNEX in university.open(f"{need}/annex")
    for role in ("visitor", "other", "broker", "administrator"):
        answer = people[role].client.get(f"{need}/annex")
        assert answer.status_code in (303, 403) and ANNEX not in answer.text, role
    firm.open(f"{need}/annex/edit")
    firm.press(f"收回权限：{UNIVERSITY}")
    university.open(f"{need}/annex", 403)
    told = people["administrator"].open("/audit")
    assert all(words in told for words in ("阅读保密附件", "接受保密声明", "准许阅读保密附件", "收回附件阅读权限"))
    assert ANNEX not in told and ANNEX not in people["administrator"].open("/audit/export")
    assert ANNEX not in service.postings.get("need", int(need.rsplit("/", 1)[1])).description


def test_contacts_open_when_broker_and_owner_agree(people: dict[str, Visitor]) -> None:
    firm, university, broker = people["firm"], people["university"], people["broker"]
    need = post_need(firm)
    university.open(f"{need}/interest")
    page = university.press("提交意向", 400, **(QUESTIONS | {"offer": ""}))
    assert "请填写“我们能做什么”" in page and QUESTIONS["why"] in page
    place = university.press("提交意向", **QUESTIONS)
    firm.open(place, 403)
    assert QUESTIONS["contact"] not in broker.open(place)
    assert 'class="nav-count"' in broker.open("/")
    broker.open(place)
    broker.press("转交对方")
    assert 'class="nav-count"' in firm.open("/")
    assert QUESTIONS["contact"] not in firm.open(place)
    people["other"].open(place, 403)
    firm.press("同意，互相开放联系方式", 400, owner_contact="")
    firm.press("同意，互相开放联系方式", owner_contact="张工 139-0000")
    for role in ("firm", "university", "broker"):
        page = people[role].open(place)
        assert QUESTIONS["contact"] in page and "张工 139-0000" in page, role
    page = people["administrator"].open(place)
    assert QUESTIONS["contact"] not in page and "张工" not in page
    assert people["administrator"].open("/audit?q=查看联系方式").count("查看联系方式") >= 4


def test_a_refusal_has_a_reason_that_the_other_side_reads(people: dict[str, Visitor]) -> None:
    need = post_need(people["firm"])
    people["university"].open(f"{need}/interest")
    place = people["university"].press("提交意向", **QUESTIONS)
    people["broker"].open(place)
    people["broker"].press("转交对方")
    people["firm"].open(place)
    assert "请选择谢绝的原因" in people["firm"].press("确认谢绝", 400, reason=None)
    assert "请填写“补充说明”" in people["firm"].press("确认谢绝", 400, reason="other", note="")
    people["firm"].press("确认谢绝", reason="capacity", note="明年再谈")
    page = people["university"].open(place)
    assert "眼下没有人力或经费：明年再谈" in page and "联系方式" in page
    people["university"].open(f"{need}/interest")


def test_an_interest_is_expressed_once_and_can_be_withdrawn(people: dict[str, Visitor]) -> None:
    need = post_need(people["firm"])
    people["university"].open(f"{need}/interest")
    place = people["university"].press("提交意向", **QUESTIONS)
    people["university"].open(f"{need}/interest")
    people["university"].press("提交意向", 409, **QUESTIONS)
    people["university"].open(place)
    assert "催办" not in people["university"].page.text.split("下一步")[1]
    people["university"].press("确认撤回")
    people["broker"].open(place)
    assert "已撤回" in people["broker"].page.text
    people["firm"].open(f"{need}/interest")
    assert "对它表达意向" in people["firm"].press("提交意向", 409, **QUESTIONS)


def test_the_owner_never_hears_of_an_interest_that_was_not_passed_on(people: dict[str, Visitor]) -> None:
    for ending in ("turned down", "withdrawn"):
        need = post_need(people["firm"])
        people["university"].open(f"{need}/interest")
        place = people["university"].press("提交意向", **QUESTIONS)
        who, button = ("broker", "确认谢绝") if ending == "turned down" else ("university", "确认撤回")
        people[who].open(place)
        people[who].press(button, reason="capacity")
        assert UNIVERSITY not in people["firm"].open("/interests")
        people["firm"].open(place, 403)
        assert place in people["university"].open("/interests")


def test_what_was_passed_on_is_the_owners_and_what_was_taken_back_nobodys(people: dict[str, Visitor]) -> None:
    firm, university, broker = people["firm"], people["university"], people["broker"]
    need = post_need(firm)
    university.open(f"{need}/interest")
    place = university.press("提交意向", **QUESTIONS)
    broker.open(place)
    broker.press("转交对方")
    assert broker.post(f"{place}/turn-down", reason="capacity", note="") == 409
    assert QUESTIONS["why"] in firm.open(place)
    university.open(place)
    university.press("确认撤回")
    firm.open(place, 403)
    assert UNIVERSITY not in firm.open("/interests") and UNIVERSITY not in firm.open("/interests/export")


@pytest.mark.parametrize("name", ["%", "_" * 10, "UNIVERSITY"])
def test_nobody_takes_along_or_renames_what_others_did(
    app: Flask, people: dict[str, Visitor], service: Service, name: str
) -> None:
    need = post_need(people["firm"])
    people["university"].open(f"{need}/interest")
    people["university"].press("提交意向", **QUESTIONS)
    account = service.accounts.add(NewAccount("stranger", name, PASSWORD), "测试")
    stranger = Visitor(sign_in(app.test_client(), service, account))
    assert QUESTIONS["contact"] not in stranger.open("/account/export")
    service.personal_data.leave(account)
    assert service.store.db.execute("select asked_by from interest").fetchone()[0].startswith("university（")


@pytest.mark.parametrize("name", ["王（甲", "管理员)", "系统", "未登录"])
def test_a_name_that_would_read_as_another_is_refused(service: Service, name: str) -> None:
    with pytest.raises(InvalidInputError, match="不能用作姓名"):
        service.accounts.add(NewAccount("stranger", name, PASSWORD), "测试")


def test_an_annex_read_in_its_form_stands_in_the_audit(people: dict[str, Visitor], service: Service) -> None:
    need = post_need(people["firm"])
    people["firm"].open(f"{need}/annex/edit")
    people["firm"].press("保存附件", annex=ANNEX)
    read = service.auditing.listing("", ("read annex",), 1).total
    people["firm"].open(f"{need}/annex/edit")
    assert service.auditing.listing("", ("read annex",), 1).total == read + 1


@pytest.mark.parametrize("place", ["/needs", "/needs/export"])
def test_no_filter_tells_the_city_of_a_summary(people: dict[str, Visitor], place: str) -> None:
    post_need(people["firm"])
    title = "集成材海运防霉的难题"
    for region, tells in (("340000", True), ("340100", False), ("340104", False)):
        assert (title in people["visitor"].open(f"{place}?region={region}")) is tells, region
        assert title in people["broker"].open(f"{place}?region={region}")


def test_no_filter_of_matches_tells_the_city_of_a_summary(people: dict[str, Visitor], service: Service) -> None:
    post_need(people["firm"])
    offered = Achievement(title="木材防霉剂", description="集成材海运途中防霉", status="published")
    number = service.postings.post(offered, "测试").id
    for region, tells in (("340000", True), ("340100", False)):
        found = people["visitor"].open(f"/achievements/{number}?region={region}&weak=yes")
        assert ("集成材海运防霉的难题" in found.split("匹配")[-1]) is tells, region


def test_points_that_hang_on_hidden_parts_are_one_sum(people: dict[str, Visitor], service: Service) -> None:
    need = post_need(people["firm"])
    told = {"description": f"替代{SECRET}的助剂", "asking_price_yuan": 480_000, "region": "340104"}
    offered = Achievement(title="催干剂", status="published", **told)
    number = service.postings.post(offered, "测试").id
    address = f"/matches/{need.rsplit('/', 1)[1]}/{number}"
    whole, part = people["broker"].open(address), people["visitor"].open(address)
    assert "术语" in whole and "预算 50 万元" in whole
    assert part.count("没有对您公开") == 1 and "其余各项合计" in part and "预算 50 万元" not in part


def test_a_list_does_not_tell_whose_a_hidden_record_is(people: dict[str, Visitor], service: Service) -> None:
    need = service.postings.post(Need(title="木材防霉", description="集成材海运途中发霉", status="published"), "测试")
    text = "集成材在海运途中容易发霉，助剂以微乳液喷涂，一次管半年，不含重金属，不改变板面颜色，也不影响后续胶合与涂装"
    for title, visibility in (("隐名的助剂", "brokers"), ("公开的助剂", "public")):
        made = Achievement(
            title=title,
            description=text,
            organisation=UNIVERSITY,
            visibility=visibility,
            summary="木材防霉助剂",
            status="published",
        )
        service.postings.post(made, "测试")
    for role, is_folded in (("broker", True), ("visitor", False)):
        page = people[role].open(f"/needs/{need.id}")
        assert ("项相近成果" in page) is is_folded, role
        assert "公开的助剂" in page and "隐名的助剂" in page


def test_an_interest_expires_and_may_be_reminded_of(people: dict[str, Visitor], service: Service) -> None:
    need = post_need(people["firm"])
    people["university"].open(f"{need}/interest")
    place = people["university"].press("提交意向", **QUESTIONS)
    service.store.db.execute("update interest set created_at = ?", ("2026-01-01T00:00:00+00:00",))
    service.store.db.commit()
    people["university"].open(place)
    people["university"].press("催办")
    assert "已催办" in people["broker"].open("/interests")
    past = (service.interests.get(place.rsplit("/", 1)[1]).created_at + timedelta(days=31)).isoformat()
    service.store.db.execute("update interest set expires_at = ?", (past,))
    service.store.db.commit()
    assert "已过期" in people["university"].open(place)
    assert "没有进行中的合作意向" in people["broker"].open("/interests?waiting=yes")
    people["broker"].open(place)
    assert "转交对方" not in people["broker"].page.text


def test_the_audit_is_searched_checked_and_exported(people: dict[str, Visitor]) -> None:
    administrator = people["administrator"]
    administrator.open("/needs/new")
    administrator.press("存为草稿", title="=HYPERLINK(1)")
    assert "操作记录完整" in administrator.open("/audit?check=yes")
    page = administrator.open("/audit?q=HYPERLINK")
    assert SIGNATURE in page and "来自 127.0.0.1" in page
    rows = list(csv.reader(io.StringIO(administrator.open("/audit/export").removeprefix("\ufeff"))))
    assert rows[0][0] == "序号" and len(rows) > 5
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


# Leaks: whatever a viewer may not read must stand in no page that the viewer can reach.

_SIX = 6
_LETTERS = [chr(code) for code in range(0x4E00, 0x9FA5)]


def invented(chance: random.Random, length: int) -> str:
    """Return characters in an order that nothing else has."""
    return "".join(chance.choices(_LETTERS, k=length))


def stocked(service: Service, chance: random.Random) -> list[tuple[Record, str]]:
    """Return records of two firms and a university with every visibility, each with all that must not leak."""
    ids = service.postings.organisation_ids([UNIVERSITY])
    found = []
    for number in range(32):
        secret, annex = invented(chance, 40), invented(chance, 20)
        shared = {
            "title": f"防霉技术之{number}",
            "summary": "木材防霉",
            "description": f"木材防霉用{secret[:20]}",
            "indicators": (secret[20:30],),
            "keywords": (secret[30:],),
            "status": "published",
            "visibility": chance.choice(["public", "members", "brokers", "named"]),
            "named_ids": (ids[UNIVERSITY],),
        }
        record: Record = (
            Need(**shared, organisation=chance.choice([FIRM, OTHER]), budget_yuan=chance.randrange(10**8, 10**9))
            if number % 2
            else Achievement(**shared, organisation=UNIVERSITY, team=invented(chance, 8), ip_number=invented(chance, 8))
        )
        stored = service.postings.post(record, "测试")
        service.annexes.keep(stored.kind, stored.id, annex, "测试")
        found.append((stored, annex))
    return found


def hidden_parts(role: str, record: Record, annex: str) -> list[str]:
    """Return what somebody of `role` may not read of a record: said here anew, not taken from the policy."""
    place = PEOPLE[role][0] if role in PEOPLE else ""
    is_own = place == record.organisation
    reads = {
        "public": True,
        "members": role != "visitor",
        "brokers": role in ("broker", "administrator"),
        "named": role in ("university", "administrator"),
    }
    of_kind = [getattr(record, name, "") for name in ("team", "ip_number")] + [
        money(getattr(record, "budget_yuan", None))
    ]
    whole = [record.description, *record.indicators, *record.keywords, *of_kind]
    parts = [] if is_own else [annex]
    return parts if is_own or reads[record.visibility] else [*parts, *whole]


def addresses_about(role: str, need_id: int, achievement_id: int) -> list[str]:
    """Return where anything of a need and an achievement can be met."""
    own = [f"/matches/{need_id}/{achievement_id}", f"/needs/{need_id}", f"/achievements/{achievement_id}"]
    searches = [f"/{place}?q=木材防霉" for place in ("needs", "achievements")]
    searches += [f"/search?kind={kind}&q=木材防霉" for kind in ("need", "achievement")]
    lists = ["/", "/needs?size=100", "/achievements?size=100", "/interests", *searches]
    files = [f"/{kind}s/export{file}" for kind in ("need", "achievement") for file in ("", "?file=xlsx")]
    files += [f"/needs/{need_id}/sheet", f"/achievements/{achievement_id}/sheet", "/account/export"]
    work = ["/engagements", "/engagements/export", "/inbox", "/interests/export", "/cooperations"]
    return [*own, *lists, *files, *work, *([f"/judging/{need_id}", "/desk"] if role == "broker" else [])]


def text_of(answer: TestResponse) -> str:
    """Return all text of a page or a file; those of Word and Excel are archives of texts."""
    if not answer.data.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        return "\n".join(without_tags(parts.read(name).decode()) for name in parts.namelist() if name.endswith(".xml"))


def pieces(text: str) -> set[str]:
    return {text[start : start + _SIX] for start in range(len(text) - _SIX + 1)}


@pytest.mark.wide
def test_two_hundred_triples_leak_nothing(
    people: dict[str, Visitor], service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chance = random.Random(20261125)
    records = stocked(service, chance)
    needs = [each for each in records if each[0].kind == "need"]
    achievements = [each for each in records if each[0].kind == "achievement"]
    pages: dict[str, dict[str, str]] = {role: {} for role in people}
    for _ in range(200):
        role = chance.choice(list(people))
        (need, _), (achievement, _) = chance.choice(needs), chance.choice(achievements)
        for address in addresses_about(role, need.id, achievement.id):
            if address not in pages[role]:
                pages[role][address] = text_of(people[role].client.get(address))
    checked = 0
    for role, texts in pages.items():
        text = "\n".join(texts.values())
        for record, annex in records:
            public = pieces(record.title) | pieces(record.summary)
            hidden = {piece for part in hidden_parts(role, record, annex) for piece in pieces(part)} - public
            checked += len(hidden)
            assert [piece for piece in hidden if piece in text] == [], (role, record.kind, record.visibility)
    assert sum(map(len, pages.values())) > 300 and checked > 1000
    secrets = [piece for record, annex in records for piece in pieces(record.description[5:]) | pieces(annex)]
    assert [piece for piece in secrets if piece in caplog.text] == []
