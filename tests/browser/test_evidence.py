"""Handing in evidence under one's own report: by the form alone, by htmx, and by dropping files on it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import REPORTER, Portal, Watch
from tests.reforms.documents import pdf, png

# What a person does by dragging files from a folder, which no driver can do.
DROP = """(form, names) => {
  const transfer = new DataTransfer();
  names.forEach((name) => transfer.items.add(new File(["%PDF-1.4 " + name], name)));
  for (const kind of ["dragover", "drop"]) {
    form.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  }
}"""


def named(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_good_files_are_kept_bad_ones_named_and_all_of_it_undone(
    opened: ContextMaker, portal: Portal, javascript: bool
) -> None:
    page = opened(REPORTER, javascript=javascript).new_page()
    page.goto(portal.places.measure)
    report = page.locator(".report").filter(has=page.locator("form.drop")).first
    good = f"批复{javascript}.pdf"
    files = [named(good, pdf(good)), named("安装.exe", b"MZ\x90")]
    report.get_by_label("添加佐证材料").set_input_files(files)
    report.get_by_role("button", name="上传").click()

    expect(page.get_by_text(f"已添加“{good}”")).to_be_visible()
    expect(page.get_by_text("“安装.exe”是网页、脚本或程序")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name=good, exact=True).click()
    assert started.value.suggested_filename == good
    assert Path(started.value.path()).read_bytes() == pdf(good)

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=f"删除 {good}").click()
    expect(page.get_by_text(f"已删除“{good}”")).to_be_visible()
    expect(page.get_by_role("link", name=good, exact=True)).to_have_count(0)


def test_dropped_files_are_named_and_uploaded_with_the_button(opened: ContextMaker, portal: Portal) -> None:
    page = opened(REPORTER).new_page()
    page.goto(portal.places.measure)
    form = page.locator("form.drop").first
    form.evaluate(DROP, ["拖入一.pdf", "拖入二.pdf"])
    expect(form.locator(".chosen li")).to_have_text(["拖入一.pdf", "拖入二.pdf"])
    form.get_by_role("button", name="上传").click()
    expect(page.get_by_text("已添加“拖入二.pdf”")).to_be_visible()
    expect(page.locator(".files a", has_text=re.compile("^拖入"))).to_have_count(2)


def test_a_file_that_is_too_large_is_said_before_it_is_sent(opened: ContextMaker, portal: Portal) -> None:
    page = opened(REPORTER).new_page()
    page.goto(portal.places.measure)
    form = page.locator("form.drop").first
    form.evaluate("form => { form.dataset.mostBytes = '10'; }")
    form.get_by_label("添加佐证材料").set_input_files([named("现场.png", png())])
    expect(form.locator(".chosen .error")).to_contain_text("现场.png　超过20MB")


def test_an_upload_that_does_not_get_through_says_so(opened: ContextMaker, portal: Portal, watch: Watch) -> None:
    page = opened(REPORTER).new_page()
    page.goto(portal.places.measure)
    form = page.locator("form.drop").first
    page.route("**/evidence/", lambda route: route.fulfill(status=413, body=""))
    form.get_by_label("添加佐证材料").set_input_files([named("现场.png", png())])
    form.get_by_role("button", name="上传").click()
    expect(form.locator(".chosen .error")).to_contain_text("上传没有成功")
    watch.forget()  # htmx reports the 413 to the console


def test_an_image_is_shown_when_asked(opened: ContextMaker, portal: Portal) -> None:
    page = opened(REPORTER).new_page()
    page.goto(portal.places.measure)
    form = page.locator("form.drop").first
    form.get_by_label("添加佐证材料").set_input_files([named("现场照片.png", png())])
    form.get_by_role("button", name="上传").click()
    page.get_by_role("link", name="查看 现场照片.png").click()
    expect(page).to_have_url(re.compile(r"/evidence/\d+/\?view=1$"))
    assert page.locator("img").evaluate("image => image.naturalWidth") == 1
