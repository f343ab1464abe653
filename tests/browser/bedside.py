"""The page of the bedside check, as tests fill it in."""

from .harness import BADGE, BAG, WRISTBAND
from .scanner import scan

BEDSIDE = "/step/bedside_check"


def until(page, wanted: str) -> None:
    page.wait_for_selector(f"main [data-status][data-state={wanted}]")


def chips(page, name: str) -> list[str]:
    return page.locator(f"[data-name={name}] .chip [data-typed]").all_inner_texts()


def scan_into(page, text: str, name: str, many: int = 1) -> None:
    scan(page, text)
    page.wait_for_selector(f"[data-name={name}] .chip:nth-child({many})")


def fill_bedside(page) -> None:
    """Scan and answer everything on the page of the bedside check."""
    scan_into(page, BAG, "treatment_bag")
    scan_into(page, WRISTBAND, "wristband")
    scan_into(page, BADGE, "second_badge")
    for name in ("cover_on", "central_line"):
        page.check(f"[name={name}]")
    page.fill("[name=password]", "my secret")
    page.fill("[name=second_password]", "their secret")
