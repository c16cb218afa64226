"""The API's documentation as plain pages, drawn from the OpenAPI document by ourselves.

The framework's own pages load their scripts from foreign hosts; these load nothing, need no
script and read well on paper. `/api/docs` folds each route, `/api/redoc` lays all of it open.
"""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Request
from starlette.responses import Response

from gallery_app.api.answers import dumps
from gallery_app.api.pages import PAGE_CSP

_METHODS = ("get", "put", "post", "patch", "delete")
_STYLE = """
:root { color-scheme: light dark; --ground: #fafaf8; --card: #fff; --ink: #1c1c1a;
  --soft: #5c5c58; --line: #ddddd6; --mark: #1d5fbf; }
@media (prefers-color-scheme: dark) { :root { --ground: #141413; --card: #1d1d1b;
  --ink: #f0f0ec; --soft: #a8a8a2; --line: #3a3a36; --mark: #7fb2ff; } }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; } h2 { margin: 2.5rem 0 .5rem; font-size: 1.2rem; }
h3 { font-size: .95rem; margin: 1rem 0 .25rem; }
p { color: var(--soft); margin: .25rem 0; } a { color: var(--mark); }
code, pre { font: .88rem/1.45 ui-monospace, Menlo, Consolas, monospace; }
pre { overflow: auto; padding: .75rem; background: var(--ground); border-radius: 6px; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  margin: .4rem 0; padding: .5rem .9rem; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 4.5rem;
  color: var(--mark); } summary span { color: var(--soft); }
summary:focus-visible, a:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-top: 1px solid var(--line); }
"""


def add_routes(router: APIRouter) -> None:
    """Put the documentation on `router`."""

    @router.get("/api/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        """Every route, folded."""
        return _answer(request, opened=False)

    @router.get("/api/redoc", include_in_schema=False)
    def redoc(request: Request) -> Response:
        """Every route and every form, laid open."""
        return _answer(request, opened=True)


def _answer(request: Request, *, opened: bool) -> Response:
    page = draw(request.app.openapi(), opened=opened)
    headers = {"content-security-policy": PAGE_CSP.decode("ascii"), "cache-control": "no-cache"}
    return Response(page, headers=headers, media_type="text/html; charset=utf-8")


def draw(document: dict[str, object], *, opened: bool) -> bytes:
    """The OpenAPI document as one HTML page."""
    info = _dict(document.get("info"))
    title = str(info.get("title", "API"))
    groups: dict[str, list[str]] = {}
    for path, item in _dict(document.get("paths")).items():
        for method in _METHODS:
            operation = _dict(_dict(item).get(method))
            if operation:
                tag = str((_list(operation.get("tags")) or ["other"])[0])
                groups.setdefault(tag, []).append(_operation(method, path, operation, opened))
    routes = "".join(
        f"<h2>{escape(tag.capitalize())}</h2>{''.join(listed)}" for tag, listed in groups.items()
    )
    schemas = _dict(_dict(document.get("components")).get("schemas"))
    forms = "".join(_form(name, _dict(form), opened) for name, form in sorted(schemas.items()))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)} {escape(str(info.get('version', '')))}</h1>"
        f"<p>{escape(str(info.get('description', '')))}</p>"
        '<p><a href="/api/openapi.json">openapi.json</a> · <a href="/api/docs">folded</a> · '
        f'<a href="/api/redoc">laid open</a></p>{routes}<h2>Forms</h2>{forms}'
        "</main></body></html>"
    ).encode()


def _operation(method: str, path: str, operation: dict[str, object], opened: bool) -> str:  # noqa: FBT001  # drawn for one page
    rows = "".join(
        f"<tr><td><code>{escape(str(p.get('name')))}</code></td><td>{escape(str(p.get('in')))}"
        f"{', required' if p.get('required') else ''}</td>"
        f"<td>{escape(str(p.get('description') or ''))}</td></tr>"
        for p in map(_dict, _list(operation.get("parameters")))
    )
    body = _dict(operation.get("requestBody"))
    parts = [f"<p>{escape(str(operation.get('description') or ''))}</p>"]
    if rows:
        parts.append(f"<h3>Parameters</h3><table>{rows}</table>")
    if body:
        parts.append(f"<h3>Body</h3><p>{_forms_of(body)}</p>")
    answers = "".join(
        f"<tr><td><code>{escape(status)}</code></td>"
        f"<td>{escape(str(_dict(told).get('description', '')))}</td>"
        f"<td>{_forms_of(_dict(told))}</td></tr>"
        for status, told in sorted(_dict(operation.get("responses")).items())
    )
    parts.append(f"<h3>Answers</h3><table>{answers}</table>")
    return (
        f"<details{' open' if opened else ''}><summary><b>{method.upper()}</b> "
        f"<code>{escape(path)}</code> <span>{escape(str(operation.get('summary', '')))}</span>"
        f"</summary>{''.join(parts)}</details>"
    )


def _forms_of(holder: dict[str, object]) -> str:
    """Media types of a body, each with a link to its form."""
    listed = []
    for media_type, told in _dict(holder.get("content")).items():
        name = str(_dict(_dict(told).get("schema")).get("$ref", "")).rpartition("/")[2]
        link = f' <a href="#{escape(name)}">{escape(name)}</a>' if name else ""
        listed.append(f"<code>{escape(media_type)}</code>{link}")
    return ", ".join(listed)


def _form(name: str, form: dict[str, object], opened: bool) -> str:  # noqa: FBT001  # drawn for one page
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td>"
        f"<td>{escape(str(_dict(told).get('description', '')))}</td>"
        f"<td><code>{escape(_example(_dict(told)))}</code></td></tr>"
        for field, told in _dict(form.get("properties")).items()
    )
    return (
        f'<details id="{escape(name)}"{" open" if opened else ""}><summary><code>{escape(name)}'
        f"</code> <span>{escape(str(form.get('description', '')))}</span></summary>"
        f"<table>{rows}</table></details>"
    )


def _example(told: dict[str, object]) -> str:
    examples = _list(told.get("examples"))
    return dumps(examples[0]).decode() if examples else ""


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
