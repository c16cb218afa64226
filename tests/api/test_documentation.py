"""The documentation is whole, true and loads nothing from anywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from gallery_app.domain.query import PARAMS
from tests.api.conftest import House

# Source: design/contract.md, "HTTP".
PROMISED = {
    "GET /health", "GET /api/v1/assets", "GET /api/v1/assets/{uid}", "PATCH /api/v1/assets/{uid}",
    "DELETE /api/v1/assets/{uid}", "GET /api/v1/assets/{uid}/original",
    "GET /api/v1/assets/{uid}/renditions/{name}", "GET /api/v1/facets", "GET /api/v1/timeline",
    "GET /api/v1/timeline/{bucket}", "PUT /api/v1/uploads/{filename}", "POST /api/v1/links",
    "GET /api/v1/links", "GET /api/v1/links/{link_id}", "DELETE /api/v1/links/{link_id}",
    "GET /api/v1/jobs", "GET /api/v1/jobs/{number}", "POST /api/v1/jobs/{number}/retry",
    "GET /api/v1/sources", "POST /api/v1/sources/{number}/sync",
    # Source: the brief's S0, S3, S4.
    "GET /api/v1/image_gallery", "POST /api/v1/fetch-image", "GET /api/v1/images/{ean}",
    "GET /new-image", "GET /image", "GET /cache-status", "GET /images-info",
    # Source: issue 3.
    "POST /api/v1/sources", "GET /api/v1/sources/kinds", "POST /api/v1/sources/test",
    "GET /api/v1/sources/{number}", "PATCH /api/v1/sources/{number}",
    "DELETE /api/v1/sources/{number}", "POST /api/v1/sources/{number}/test",
    "POST /api/v1/sources/{number}/push", "POST /api/v1/sources/{number}/retry",
    "GET /api/v1/entities", "GET /api/v1/entities/{type}/{entity_id}",
    "GET /api/v1/assets/{uid}/similar", "GET /api/v1/assets/{uid}/products", "GET /api/v1/smart",
    "POST /api/v1/products", "GET /api/v1/products", "GET /api/v1/products/{ean}",
    "GET /api/v1/frames", "PUT /api/v1/frames/{name}", "DELETE /api/v1/frames/{name}",
    "GET /frame/{name}", "POST /hooks/freshdesk/{number}",
}  # fmt: skip


@pytest.fixture
def document(house: House) -> dict[str, Any]:
    return house.parent.openapi()


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def test_every_route_of_the_contract_is_documented(document: dict[str, Any]) -> None:
    assert {name for name, _ in operations(document)} >= PROMISED


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))

    assert references
    assert references <= set(schemas)


def test_every_route_says_what_it_does_takes_and_answers(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (name, parameter["name"])
            schema = parameter["schema"]
            assert "example" in parameter or "examples" in parameter or schema.get("examples"), (
                name, parameter["name"],
            )  # fmt: skip


def test_every_route_has_an_example_of_its_answer(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    for name, operation in operations(document):
        good = [told for status, told in operation["responses"].items() if status < "300"]
        assert good, name
        for told in good:
            for kind, content in told.get("content", {}).items():
                reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
                if kind == "application/json" and not reference:
                    assert content.get("schema") is not None or content.get("example"), name
                elif reference:
                    assert has_examples(schemas, reference), (name, reference)
                else:
                    assert content.get("example"), (name, kind)


def has_examples(schemas: dict[str, Any], name: str) -> bool:
    """Whether every plain field of a form has an example; fields that are forms have their own."""
    fields = schemas[name].get("properties", {}).values()
    return all("examples" in f or "$ref" in str(f) for f in fields)


def test_every_answers_json_form_is_named(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, told in operation["responses"].items():
            content = told.get("content", {}).get("application/json")
            if content is not None and status < "300":
                assert content["schema"].get("$ref"), (name, status)


def test_every_filter_is_documented_on_every_listing(document: dict[str, Any]) -> None:
    for path in ("/api/v1/assets", "/api/v1/facets", "/api/v1/timeline"):
        names = {p["name"] for p in document["paths"][path]["get"]["parameters"]}
        assert {*PARAMS, "q", "sort", "trashed", "not_tag"} <= names


def test_every_listing_tells_how_a_search_by_sight_may_fail(document: dict[str, Any]) -> None:
    smart = {
        name: set(told["responses"])
        for name, told in operations(document)
        if any(parameter["name"] == "smart" for parameter in told.get("parameters", []))
    }

    assert len(smart) == 5
    assert all({"400", "409", "502", "503", "504"} <= statuses for statuses in smart.values()), (
        smart
    )


def test_errors_have_the_one_form_everywhere(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, told in operation["responses"].items():
            content = told.get("content", {}).get("application/json")
            if status >= "400" and content is not None and name != "GET /health":
                assert content["schema"]["$ref"].endswith("/ErrorOut"), (name, status)


class Loads(HTMLParser):
    """Collects what a page would load, and its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in {"script", "link", "img", "iframe"}:
            self.loaded += [v or "" for k, v in attrs if k in {"src", "href"}]


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
async def test_the_pages_load_nothing_and_name_every_route(
    client: httpx.AsyncClient, document: dict[str, Any], path: str
) -> None:
    answer = await client.get(path)

    page = Loads()
    page.feed(answer.text)
    assert answer.status_code == 200
    assert page.loaded == []
    assert "script" not in page.tags
    # Addresses stand there as examples, in text; none is followed.
    assert not re.search(r"""=["'][^"'<>]*://|url\(|@import""", answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    for route in document["paths"]:
        assert f"<code>{route}</code>" in answer.text


async def test_the_document_is_served(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/openapi.json")

    assert answer.json()["openapi"].startswith("3.")
    assert "license" not in answer.text.lower() or answer.json()["info"]["title"] == "Gallery"


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/none", "/api/v2/assets"])
async def test_an_address_of_the_api_that_is_not_there_is_json(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/v1/assets", {"GET"}),
        ("POST", "/api/v1/facets", {"GET"}),
        ("GET", "/api/v1/uploads/a.jpg", {"PUT"}),
        ("DELETE", "/api/v1/sources", {"GET", "POST"}),
        ("POST", "/health", {"GET"}),
    ],
)
async def test_a_method_that_an_address_does_not_take_is_405(
    client: httpx.AsyncClient, method: str, path: str, allow: set[str]
) -> None:
    answer = await client.request(method, path)

    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    assert allow <= set(answer.headers["allow"].split(", "))


SECRETS = ("Traceback", 'File "', "site-packages", "sqlite", "/work/", "gallery_app.")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/assets?q=%00&cursor=%ff"), ("GET", "/api/v1/timeline/%F0%9F%92%A5"),
        ("POST", "/api/v1/assets/batch"), ("PATCH", "/api/v1/assets/%2e%2e"),
        ("GET", "/fails"), ("GET", "/i/x/y"), ("PUT", "/api/v1/uploads/%2e%2e"),
        ("GET", "/api/v1/downloads/%2e%2e%2fetc"), ("POST", "/api/v1/sources"),
    ],
)  # fmt: skip
async def test_no_reply_shows_a_stack_or_a_path_of_the_server(
    house: House, client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path, content=b'{"path": "relative"}')

    assert answer.status_code >= 400 or path.startswith("/api/v1/assets?")
    assert not [s for s in SECRETS if s in answer.text]
    assert house.gallery.about.data_dir not in answer.text
