"""Scripts and styles: asked for once, and anew when they change."""

import re
from pathlib import Path

from custody.web.files import KEPT_S, version_of
from tests.web.house import House

ADDRESS = re.compile(r'"(/static/[^"]+)"')


def test_a_page_s_files_are_kept_by_the_browser(house: House) -> None:
    nurse = house.browser("nurse")
    found = {path.partition("#")[0] for path in ADDRESS.findall(nurse.get("/").get_data(as_text=True))}
    assert {path.rpartition("/")[2] for path in found} >= {"app.js", "style.css", "icons.svg", "htmx.min.js"}
    for path in found:
        answer = nurse.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == f"public, max-age={KEPT_S}, immutable"
        assert "Set-Cookie" not in answer.headers


def test_a_page_of_before_still_gets_its_files_but_does_not_keep_them(house: House) -> None:
    answer = house.browser("nurse").get("/static/0123456789abcdef/app.js")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]
    assert "max-age=0" in answer.headers["Cache-Control"]


def test_what_is_no_file_is_not_found_and_not_kept(house: House) -> None:
    for path in ("/static/now/nothing.js", "/static/now/../app.py", "/static/now/%2e%2e/files.py", "/static/now/"):
        answer = house.browser("nurse").get(path)
        assert answer.status_code == 404
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_address_changes_with_a_byte_a_name_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "scan").mkdir()
    script, style = tmp_path / "scan" / "a.js", tmp_path / "b.css"
    script.write_text("one")
    style.write_text("two")
    first = version_of(tmp_path)
    script.write_text("One")
    assert version_of(tmp_path) != first
    script.write_text("one")
    assert version_of(tmp_path) == first
    style.rename(tmp_path / "c.css")
    assert version_of(tmp_path) != first
