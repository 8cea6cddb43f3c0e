"""Takes the pictures of the documentation: every example as its people see it. Run ``python docs/pictures.py``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser  # noqa: E402

from acceptance.browser import PHONE, chromium_browser, known  # noqa: E402
from acceptance.services import Service, build_example, serving  # noqa: E402
from testing_support.chromium import find_chromium  # noqa: E402

TARGET = Path(__file__).parent / "pictures"
_WIDE = {"width": 1120, "height": 700}
_MOST_BYTES = 150_000
# name of the picture: example, person, page, colours, screen
PICTURES = {
    "leave-requests": ("leave-requests", "erin", "/", "light", _WIDE),
    "leave-requests-decide": ("leave-requests", "mona", "/decide", "light", _WIDE),
    "leave-requests-overview": ("leave-requests", "hana", "/overview", "dark", _WIDE),
    "leave-requests-phone": ("leave-requests", "erin", "/", "light", PHONE),
    "helpdesk-board": ("helpdesk", "arne", "/board", "light", _WIDE),
    "helpdesk-ticket": ("helpdesk", "arne", "/board>", "dark", _WIDE),
    "helpdesk-overview": ("helpdesk", "lena", "/overview", "light", _WIDE),
    "inventory": ("inventory", "cleo", "/", "light", _WIDE),
    "inventory-low-stock": ("inventory", "cleo", "/low-stock", "dark", _WIDE),
    "inventory-phone": ("inventory", "cleo", "/", "dark", PHONE),
}


def main() -> int:
    """Build, serve and photograph each example."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium_browser(find_chromium()) as browser:
        for example in sorted({picture[0] for picture in PICTURES.values()}):
            _example(browser, example, Path(folder) / example)
    return 0


def _example(browser: Browser, example: str, folder: Path) -> None:
    folder.mkdir()
    built = build_example(example, folder)
    url = f"sqlite:///{folder / 'data.sqlite'}"
    seeded = built.run("seed", "--database", url, "--file", str(built.demo))
    assert seeded.returncode == 0, seeded.stderr
    with serving(built, url, folder) as service:
        for name, (of, *_) in PICTURES.items():
            if of == example:
                _picture(browser, service, name)


def _picture(browser: Browser, service: Service, name: str) -> None:
    _, person, path, scheme, screen = PICTURES[name]
    more = {"viewport": screen, "color_scheme": scheme, "locale": "en-GB", "timezone_id": "UTC"}
    with known(browser, service, person, **more) as page:
        page.goto(path.rstrip(">"))
        if path.endswith(">"):
            page.locator("a.row-link").first.click()
            page.wait_for_load_state()
        target = TARGET / f"{name}.png"
        page.screenshot(path=target, animations="disabled")
        assert target.stat().st_size < _MOST_BYTES, f"{target.name} is too large"
        print(f"wrote {target.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
