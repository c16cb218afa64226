"""The README's tables that are made, not written: settings and routes.

`python -m tests.readme` puts them between their markers; tests hold the README against them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gallery_app.settings import Settings, variables

README = Path(__file__).parents[1] / "README.md"
_METHODS = ("get", "post", "put", "patch", "delete")


def settings_table() -> str:
    """All settings, one line each."""
    lines = [
        "| setting | environment | default | unit | meaning |",
        "|---|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        told: dict[str, Any] = extra if isinstance(extra, dict) else {}
        shown = told["shown"] or f"`{_plain(field.default)}`"
        names = " or ".join(f"`{one}`" for one in variables(name))
        lines.append(f"| `{name}` | {names} | {shown} | {told['unit']} | {field.description} |")
    return "\n".join(lines)


def openapi() -> dict[str, Any]:
    """The API's own description."""
    from fastapi import FastAPI

    from gallery_app.api import install_routes
    from gallery_app.services.gallery import Gallery

    app = FastAPI()
    # The routes are the same for any gallery; none is asked for anything here.
    install_routes(app, Gallery.__new__(Gallery))
    return app.openapi()


def routes_table() -> str:
    """All routes, one address a line."""
    lines = ["| route | what it does |", "|---|---|"]
    for path, item in sorted(openapi()["paths"].items()):
        methods = [method for method in _METHODS if method in item]
        names = ", ".join(method.upper() for method in methods)
        does = "; ".join(item[method]["summary"] for method in methods)
        lines.append(f"| {names} `{path}` | {does} |")
    lines.append(
        "| GET, HEAD `/i/{token}/{name}` | A signed link itself: 200, 404 for anything not "
        "signed here, 410 when it is over |"
    )
    return "\n".join(lines)


def write() -> None:
    """Bring the README's tables up to date."""
    text = README.read_text(encoding="utf-8")
    for name, table in (("settings", settings_table()), ("routes", routes_table())):
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"\n<!-- /{name} -->")
        text = f"{before}<!-- {name} -->\n{table}\n<!-- /{name} -->{after}"
    README.write_text(text, encoding="utf-8")


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    write()
