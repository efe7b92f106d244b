"""Files of a record over HTTP: added, downloaded, removed, restored; and what somebody hostile sends."""

import io
import os
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from matcher.attachments import MOST_FILES
from matcher.cooperation import Cooperation, Party
from matcher.file_names import clean_name
from matcher.models import Organisation
from matcher.service import Service
from tests.support.commands import invoke
from tests.support.office_files import HTML, PDF, PNG, word
from tests.support.people import SIGNATURE, member, sign_in
from tests.support.visitor import FormReader, Visitor

pytestmark = pytest.mark.wide

ADD = "/cooperations/1/files"


@pytest.fixture
def recorded(service: Service) -> Cooperation:
    """A cooperation of 甲厂 and 乙大学."""
    parties = (Party(role="a", name="甲厂"), Party(role="b", name="乙大学"))
    made = Cooperation(title="防霉技术开发", contract_type="transfer", parties=parties)
    for name in ("甲厂", "乙大学"):
        service.joining.organisation(Organisation(name=name))
    return service.cooperations.record(made, "测试")


def token(client: FlaskClient) -> str:
    forms = FormReader(client.get("/account").text).forms
    return next(form.values["csrf_token"] for form in forms if "csrf_token" in form.values)


def upload(client: FlaskClient, name: str, content: bytes, note: str = "", address: str = ADD) -> TestResponse:
    data = {"csrf_token": token(client), "note": note, "file": (io.BytesIO(content), name)}
    return client.post(address, data=data, content_type="multipart/form-data")


def kept(service: Service) -> list[Path]:
    return sorted(service.settings.files_dir.iterdir()) if service.settings.files_dir.is_dir() else []


def only(service: Service) -> str:
    """Return the address of the one file there is."""
    return f"/files/cooperation/{service.attachments.of('cooperation', 1)[0].public_id}"


def actions(service: Service) -> list[str]:
    return [line.action for line in service.auditing.every() if "file" in line.action]


def test_a_file_comes_back_as_it_was(client: FlaskClient, service: Service, recorded: Cooperation) -> None:
    assert upload(client, "合同（盖章）.pdf", PDF, "双方盖章").status_code == 303
    html = client.get("/cooperations/1").text
    assert "合同（盖章）.pdf" in html and "双方盖章" in html and f"{SIGNATURE} 上传于" in html and "已上传" in html
    answer = client.get(only(service))
    assert answer.data == PDF and answer.mimetype == "application/pdf" and answer.content_length == len(PDF)
    assert actions(service) == ["added file", "downloaded file"]
    [path] = kept(service)
    assert len(path.name) == 32 and path.stat().st_mode & 0o777 == 0o600 and path.read_bytes() == PDF


def test_a_download_is_never_shown_or_run(client: FlaskClient, service: Service, recorded: Cooperation) -> None:
    upload(client, "图 纸.png", PNG)
    headers = client.get(only(service)).headers
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert f"filename*=UTF-8''{quote('图 纸.png')}" in headers["Content-Disposition"]
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "private, no-store" and headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/cron.d/x.pdf",
        "..\\..\\x.pdf",
        "/etc/passwd.pdf",
        'x"; filename="y.html.pdf',
        "x\r\nSet-Cookie: a=b.pdf",
        "合同\u202efdp.pdf",
        "<script>alert(1)</script>.pdf",
        "x" * 500 + ".pdf",
    ],
)
def test_a_hostile_name_is_only_a_name(
    client: FlaskClient, service: Service, recorded: Cooperation, name: str, tmp_path: Path
) -> None:
    before = {path for path in tmp_path.rglob("*") if "files" not in path.parts and "matcher.db" not in path.name}
    service.attachments.add(("cooperation", 1), name, io.BytesIO(PDF), "", "测试")
    assert upload(client, name.replace("\r\n", "%0d%0a"), PNG + PDF).status_code == 400
    answer, page = client.get(only(service)), client.get("/cooperations/1").text
    assert answer.data == PDF and "Set-Cookie: a" not in str(answer.headers).replace("Set-Cookie: matcher", "")
    kind, told = parse_options_header(answer.headers["Content-Disposition"])
    assert kind == "attachment" and told == {"filename": clean_name(name)} and "\u202e" not in page
    assert "<script>alert" not in page
    after = {path for path in tmp_path.rglob("*") if "files" not in path.parts and "matcher.db" not in path.name}
    assert after == before and len(kept(service)) == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", HTML, "的内容不是PDF"),
        ("a.html", HTML, "不接受"),
        ("a.docm", word(), "带宏"),
        ("a.pdf", b"", "是空的"),
        ("", b"", "还没有选择文件"),
        ("big.pdf", PDF + bytes(2**20), "文件超过 1 MB"),
    ],
)
def test_what_is_refused_leaves_nothing_and_keeps_what_was_typed(
    home: Path, client: FlaskClient, service: Service, recorded: Cooperation, name: str, content: bytes, told: str
) -> None:
    service.attachments._files._limit_mb = 1
    answer = upload(client, name, content, "写好的说明")
    assert answer.status_code == 400 and told in answer.text and 'value="写好的说明"' in answer.text
    assert kept(service) == [] and service.attachments.of("cooperation", 1) == ()


def test_more_than_a_post_may_hold_is_refused(client: FlaskClient, service: Service, recorded: Cooperation) -> None:
    answer = upload(client, "big.pdf", PDF + bytes(21 * 2**20))
    assert answer.status_code == 413 and "最多提交 20 MB" in answer.text and kept(service) == []
    stranger = client.application.test_client()
    data = {"file": (io.BytesIO(PDF + bytes(5 * 2**20)), "a.pdf")}
    assert stranger.post(ADD, data=data, content_type="multipart/form-data").status_code == 413


def test_the_same_file_posted_twice_is_there_once(client: FlaskClient, service: Service, recorded: Cooperation) -> None:
    for _ in range(2):
        assert upload(client, "a.pdf", PDF).status_code == 303
    assert len(service.attachments.of("cooperation", 1)) == len(kept(service)) == 1
    assert upload(client, "b.pdf", PDF).status_code == 303
    assert len(kept(service)) == 2


def test_only_so_many_files_belong_to_a_record(client: FlaskClient, service: Service, recorded: Cooperation) -> None:
    for number in range(MOST_FILES):
        service.attachments.add(("cooperation", 1), f"{number}.pdf", io.BytesIO(PDF), "", "测试")
    assert f"已有 {MOST_FILES} 个文件" in upload(client, "more.pdf", PDF).text
    assert len(kept(service)) == MOST_FILES
    removed = service.attachments.of("cooperation", 1)[0].public_id
    service.attachments.remove(removed, "测试")
    assert upload(client, "more.pdf", PDF).status_code == 303
    answer = client.post(f"/files/cooperation/{removed}/restore", data={"csrf_token": token(client)})
    assert answer.status_code == 409 and "请先移除一个" in answer.text


def test_removing_is_a_mark_and_can_be_undone(visitor: Visitor, service: Service, recorded: Cooperation) -> None:
    upload(visitor.client, "a.pdf", PDF)
    address = only(service)
    visitor.open("/cooperations/1")
    html = visitor.follow("确认移除")
    assert "已移除的文件（1）" in html and f'href="{address}"' not in html and len(kept(service)) == 1
    visitor.open(address, status=404)
    visitor.open("/cooperations/1")
    assert f'href="{address}"' in visitor.follow("恢复“a.pdf”")
    assert visitor.client.get(address).data == PDF
    assert actions(service) == ["added file", "removed file", "restored file", "downloaded file"]
    for again in ("remove", "remove", "restore", "restore"):
        visitor.client.post(f"{address}/{again}", data={"csrf_token": token(visitor.client)})
    assert actions(service)[4:] == ["removed file", "restored file"]


def test_the_papers_of_a_record_stand_in_its_history(visitor: Visitor, service: Service, recorded: Cooperation) -> None:
    added = service.attachments.add(("cooperation", recorded.id), "协议.pdf", io.BytesIO(PDF), "", "测试")
    service.attachments.remove(added.public_id, "王")
    service.attachments.restore(added.public_id, "王")
    found = [(event.action, event.changes) for event in service.cooperations.history(recorded.id)[:3]]
    name = added.name
    assert found == [
        ("file restored", {"file": ("", name)}),
        ("file removed", {"file": (name, "")}),
        ("file added", {"file": ("", name)}),
    ]
    html = visitor.open("/cooperations/1")
    assert "移除文件" in html and "恢复文件" in html


def test_files_are_for_those_who_may_read_the_record(app: Flask, service: Service, recorded: Cooperation) -> None:
    broker = sign_in(app.test_client(), service, member(service, "经纪人", "丙经纪", "broker"))
    upload(broker, "a.pdf", PDF)
    address = only(service)
    party = sign_in(app.test_client(), service, member(service, "甲厂的人", "甲厂", "enterprise"))
    page = party.get("/cooperations/1").text
    assert party.get(address).data == PDF and "确认移除" not in page and "选择文件" not in page
    assert upload(party, "b.pdf", PDF).status_code == 403
    assert party.post(f"{address}/remove", data={"csrf_token": token(party)}).status_code == 403
    other = sign_in(app.test_client(), service, member(service, "别的人", "丁厂", "enterprise"))
    there, not_there = other.get(address), other.get("/files/cooperation/AAAAAAAAAAAA")
    assert there.status_code == not_there.status_code == 404 and there.text == not_there.text
    assert other.post(f"{address}/remove", data={"csrf_token": token(other)}).status_code == 404
    stranger = app.test_client()
    assert [stranger.get(each).status_code for each in (address, "/files/cooperation/A")] == [303, 303]
    assert broker.get(address.replace("cooperation", "need")).status_code == 404


def test_a_post_without_its_token_is_refused(client: FlaskClient, service: Service, recorded: Cooperation) -> None:
    data = {"file": (io.BytesIO(PDF), "a.pdf")}
    assert client.post(ADD, data=data, content_type="multipart/form-data").status_code == 400
    assert kept(service) == []


@pytest.mark.parametrize("change", ["link", "shorter", "gone", "folder"])
def test_a_file_that_was_tampered_with_is_not_served(
    client: FlaskClient, service: Service, recorded: Cooperation, tmp_path: Path, change: str
) -> None:
    upload(client, "a.pdf", PDF)
    [path] = kept(service)
    path.unlink()
    if change == "link":
        (tmp_path / "secret").write_bytes(b"s" * len(PDF))
        path.symlink_to(tmp_path / "secret")
    elif change == "shorter":
        path.write_bytes(PDF[:-1])
    elif change == "folder":
        path.mkdir()
    answer = client.get(only(service))
    assert answer.status_code == 404 and "从备份恢复" in answer.text and "sss" not in answer.text
    assert actions(service) == ["added file"]


def test_a_full_disk_is_told_and_leaves_nothing(
    client: FlaskClient, service: Service, recorded: Cooperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = upload(client, "a.pdf", PDF)
    assert answer.status_code == 503 and "检查磁盘空间" in answer.text and kept(service) == []


def test_a_row_that_cannot_be_written_leaves_no_file(service: Service, recorded: Cooperation) -> None:
    with pytest.raises(Exception, match="CHECK"):
        service.attachments.add(("organisation", 1), "a.pdf", io.BytesIO(PDF), "", "测试")  # type: ignore[arg-type]
    assert kept(service) == []


def test_tidy_sweeps_what_no_row_names(
    client: FlaskClient, service: Service, recorded: Cooperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(client, "a.pdf", PDF)
    folder, [path] = service.settings.files_dir, kept(service)
    strange = {name: folder / name for name in ("0" * 32, "1" * 32 + ".part", "2" * 32, "notes.txt")}
    for each in strange.values():
        each.write_bytes(b"x")
    for each in (path, *(file for name, file in strange.items() if name != "2" * 32)):
        os.utime(each, (time.time() - 4000,) * 2)
    monkeypatch.setenv("MATCHER_HOME", str(service.settings.home))
    assert "2 个没有传完的文件" in invoke("tidy").output
    assert kept(service) == sorted([path, strange["2" * 32], strange["notes.txt"]])
    assert client.get(only(service)).data == PDF
