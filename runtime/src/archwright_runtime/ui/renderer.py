"""From views to HTML."""

from __future__ import annotations

from dataclasses import dataclass

from ..plan import Plan
from . import environment, theme
from .assets import Asset, Assets, asset, packaged
from .views import Failure, PageView, Shell

SCHEME_PATH = "/-/appearance"
SIGN_OUT_PATH = "/-/sign-out"


@dataclass(frozen=True)
class Site:
    """What every page of a service shares."""

    name: str
    initial: str
    home: str
    style: str
    script: str
    icon: str
    logo: str | None
    scheme_path: str = SCHEME_PATH
    sign_out_path: str = SIGN_OUT_PATH


class Renderer:
    """The compiled templates of one service, and the assets that they refer to.

    Args:
        plan: gives the name and the theme.
        logo: the picture that ``theme.logo`` names, with its media type.
    """

    def __init__(self, plan: Plan, logo: tuple[str, bytes] | None = None) -> None:
        name = plan.theme.name or _title(plan.name)
        style = asset("ui.css", "text/css; charset=utf-8", _style(plan))
        script = asset("ui.js", "text/javascript; charset=utf-8", packaged("ui.js").encode())
        icon = asset("icon.svg", "image/svg+xml", theme.mark(plan.theme.brand, name).encode())
        picture = None if logo is None else _logo(logo)
        self.assets = Assets(item for item in (style, script, icon, picture) if item is not None)
        self.site = Site(
            name=name,
            initial=name[:1].upper(),
            home="/",
            style=style.path,
            script=script.path,
            icon=icon.path,
            logo=picture.path if picture else None,
        )
        self._environment = environment.build()
        self._environment.add_global("site", self.site)
        # Compiles what the first request would otherwise compile.
        for template in ("page.html", "failure.html"):
            self._environment.undeclared_variables_in_template(template)

    def page(self, page: PageView, shell: Shell, *, failed: bool = False) -> str:
        """A page as HTML; ``failed`` where a form on it was refused."""
        return self._environment.render_template("page.html", page=page, shell=shell, failed=failed)

    def failure(self, failure: Failure, shell: Shell) -> str:
        """An error page as HTML."""
        return self._environment.render_template("failure.html", failure=failure, shell=shell)


def _style(plan: Plan) -> bytes:
    return (theme.stylesheet(plan.theme.brand) + packaged("ui.css")).encode()


def _logo(logo: tuple[str, bytes]) -> Asset:
    media, content = logo
    return asset("logo" + (".svg" if media == "image/svg+xml" else ""), media, content)


def _title(name: str) -> str:
    words = name.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
