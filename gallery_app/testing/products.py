"""Stand-ins for the public product databases: Open Food Facts' family, UPCitemdb, Open Library.

    with FakeProducts() as fake:
        fake.off.add("3017620422003", "Nutella", brands="Ferrero", fronts=("fr", "de"))
        connect(options=fake.options)

They are as strict as the real ones: no User-Agent with a contact is turned away, numbers are
looked up normalised, products of another kind lead to the sister's host, look-ups are counted.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gallery_app.testing.faults import Faults
from gallery_app.testing.pictures import sample_picture
from gallery_app.testing.server import Served
from gallery_app.testing.upcitemdb import FakeUpcItemDb, normal, spoiled

KINDS = {"off": "food", "obf": "beauty", "opff": "petfood", "opf": "product"}
_AGENT = re.compile(r"\S+/\S+.*\(.*(@|https?://).*\)")
_SELECTED = re.compile(
    r"(?:front|ingredients|nutrition|packaging)_[a-z]{2}\.\d+\.(100|200|400|full)"
)
_RAW = re.compile(r"\d+(\.(100|400))?")


@dataclass
class _Product:
    code: str
    name: str
    brands: str
    kind: str
    lc: str
    selected: dict[str, tuple[str, str]]  # "front_fr" -> raw photo, revision
    raw: dict[str, str]  # number -> uploader
    nested: bool
    size: tuple[int, int] = (900, 1200)
    lost: set[str] = field(default_factory=set)  # names whose file is gone

    def images(self) -> dict[str, Any]:
        uploaded = {
            number: {"uploader": who, "uploaded_t": 1_700_000_000 + int(number), "sizes": {}}
            for number, who in self.raw.items()
        }
        if not self.nested:
            chosen = {
                name: {"imgid": shot, "rev": rev, "sizes": {}}
                for name, (shot, rev) in self.selected.items()
            }
            return {**uploaded, **chosen}
        kinds: dict[str, dict[str, Any]] = {}
        for name, (shot, rev) in self.selected.items():
            kind, _, language = name.partition("_")
            kinds.setdefault(kind, {})[language] = {"imgid": shot, "rev": rev, "sizes": {}}
        return {"uploaded": uploaded, "selected": kinds}


class FakeOpenFoodFacts:
    """Four databases on four ports, each with its images.

    Args:
        faults: what goes wrong.
        clock: seconds; reads are counted by the minute.
        per_minute: reads after which it turns away with 429; None: without limit.
    """

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        clock: Callable[[], float] = time.monotonic,
        per_minute: int | None = None,
    ) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._served: dict[str, Served] = {}
        self.forget(faults or Faults())

    def forget(self, faults: Faults) -> None:
        """Be as new, while it goes on listening."""
        self.faults = faults
        self.products: dict[str, _Product] = {}
        self.counts: Counter[str] = Counter()  # read, image
        self.agents: list[str] = []
        self.tells_kind = False  # a 404 that names the kind, instead of leading there
        self.leads_to: str | None = None  # a redirect to somewhere else altogether
        self.most_at_once = 0  # images
        self._now = 0
        self._reads: list[float] = []

    def add(
        self,
        code: str,
        name: str,
        *,
        brands: str = "",
        kind: str = "food",
        lc: str = "",
        fronts: tuple[str, ...] = ("en",),
        sides: tuple[str, ...] = (),
        photos: int = 0,
        nested: bool = True,
        uploader: str = "kiliweb",
    ) -> _Product:
        """A product. `fronts` are languages, `sides` names such as "packaging_en".

        `photos`: raw ones beside those that were chosen.
        """
        names = [f"front_{language}" for language in fronts] + list(sides)
        selected = {n: (str(at), str(3 * at)) for at, n in enumerate(names, 1)}
        raw = {str(at): uploader for at in range(1, len(names) + photos + 1)}
        product = _Product(
            code, name, brands, kind, lc or (fronts or ("en",))[0], selected, raw, nested
        )
        self.products[normal(code)] = product
        return product

    def remove(self, code: str) -> None:
        """As if it had never been there."""
        del self.products[normal(code)]

    def serve(self) -> FakeOpenFoodFacts:
        """Listen."""
        for segment in KINDS:
            self._served[segment] = Served(spoiled(self._app(segment), lambda: self.faults))
        return self

    def close(self) -> None:
        """Stop."""
        with ThreadPoolExecutor(len(KINDS)) as pool:  # each takes a while to look up and stop
            list(pool.map(Served.close, self._served.values()))
        self._served.clear()

    @property
    def addresses(self) -> dict[str, str]:
        """Where each of the four listens."""
        return {segment: served.url for segment, served in self._served.items()}

    def picture(self, code: str, name: str) -> bytes:
        """The bytes of a picture, by names such as "front_fr.9" or "5"."""
        found = self.products[normal(code)]
        base = name.partition(".")[0]
        shot = found.selected.get(base, (base, ""))[0]
        seed = int(normal(code) or "0") % 100_000 + 7 * int(shot)
        return sample_picture(seed, width=found.size[0], height=found.size[1])

    def _app(self, segment: str) -> Starlette:
        async def product(request: Request) -> Response:
            return self._product(segment, request)

        def image(request: Request) -> Response:
            return self._image(request)

        return Starlette(
            routes=[
                Route("/api/v3/product/{code}", product),
                Route("/images/products/{folder:path}/{name}.jpg", image),
            ]
        )

    def _product(self, segment: str, request: Request) -> Response:
        self.counts["read"] += 1
        agent = request.headers.get("user-agent", "")
        self.agents.append(agent)
        if not _AGENT.fullmatch(agent):
            return Response("<html>blocked</html>", 403, media_type="text/html")
        if not self._may_read():
            return Response("<html>slow down</html>", 429, media_type="text/html")
        code = request.path_params["code"]
        found = self.products.get(normal(code))
        if found is None:
            return _missing(code, "product_not_found", "id")
        if found.kind != KINDS[segment]:
            return self._elsewhere(found, code, request)
        return JSONResponse(
            {
                "code": found.code,
                "status": "success",
                "result": {"id": "product_found"},
                "errors": [],
                "warnings": [],
                "product": {
                    "code": found.code,
                    "product_name": found.name,
                    "brands": found.brands,
                    "product_type": found.kind,
                    "lc": found.lc,
                    "images": found.images(),
                },
            }
        )

    def _may_read(self) -> bool:
        with self._lock:
            now = self._clock()
            self._reads = [at for at in self._reads if at > now - 60] + [now]
            return self.per_minute is None or len(self._reads) <= self.per_minute

    def _elsewhere(self, found: _Product, code: str, request: Request) -> Response:
        if self.tells_kind or request.query_params.get("product_type") != "all":
            return _missing(code, "product_found_with_a_different_product_type", found.kind)
        sister = next(segment for segment, kind in KINDS.items() if kind == found.kind)
        base = self.leads_to or self._served[sister].url
        return RedirectResponse(f"{base}{request.url.path}?{request.url.query}", 302)

    def _image(self, request: Request) -> Response:
        with self._lock:
            self.counts["image"] += 1
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            return self._picture(request)
        finally:
            with self._lock:
                self._now -= 1

    def _picture(self, request: Request) -> Response:
        code = request.path_params["folder"].replace("/", "")
        name = request.path_params["name"]
        found = self.products.get(normal(code))
        base = name.partition(".")[0]
        known = found is not None and (
            (_SELECTED.fullmatch(name) and found.selected.get(base, ("", ""))[1] in name.split("."))
            or (_RAW.fullmatch(name) and base in found.raw)
        )
        if found is None or not known or base in found.lost:
            return Response("<html>404</html>", 404, media_type="text/html")
        picture = self.picture(code, name)
        return Response(picture, media_type="image/jpeg", headers={"etag": f'"{code}{name}"'})


class FakeProducts:
    """All of them together; `options` connect a products source to them."""

    def __init__(self, *, faults: Faults | None = None, **off: Any) -> None:
        self.faults = faults or Faults()
        self.off = FakeOpenFoodFacts(faults=self.faults, **off)
        self.upc = FakeUpcItemDb(faults=self.faults)

    @property
    def options(self) -> dict[str, str]:
        """What is typed into the form."""
        addresses = {**self.off.addresses, "upcitemdb": self.upc.url, "books": self.upc.url}
        return {
            "contact": "gallery@acme.test",
            "addresses": " ".join(f"{name}={url}" for name, url in addresses.items()),
            "allow": "127.0.0.1/32",
        }

    def forget(self) -> None:
        """Be as new, while they go on listening."""
        self.faults = Faults()
        self.off.forget(self.faults)
        self.upc.forget(self.faults)

    def __enter__(self) -> FakeProducts:
        self.off.serve()
        self.upc.serve()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.off.close()
        self.upc.close()


def _missing(code: str, result: str, value: str) -> Response:
    body = {
        "code": code,
        "status": "failure",
        "result": {"id": result},
        "errors": [
            {
                "field": {"id": "code" if value == "id" else "product_type", "value": value},
                "impact": {"id": "failure"},
                "message": {"id": result},
            }
        ],
    }
    return JSONResponse(body, 404)
