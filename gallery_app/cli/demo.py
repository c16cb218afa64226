"""The demo: stand-ins for Immich, Freshdesk and the product databases, and a gallery on them.

Everything runs on this machine's own address, in this process, and is gone when it ends, unless
a data folder is named. The stand-ins are those of the tests (`gallery_app.testing`).
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from gallery_app.cli.commands import opened, serve
from gallery_app.cli.terminal import Terminal
from gallery_app.settings import Settings

# The stand-ins listen here when they can, so that a demo in a data folder of its own goes on
# where it was; else on any free port.
_PORTS = {"immich": 8471, "freshdesk": 8481, "files": 8482}
_GOODS = (
    ("3017620422003", "Hazelnut spread", "Acme"),
    ("4006381333931", "Fine liner", "Acme"),
    ("5449000000996", "Cola", "Acme"),
    ("96385074", "Chewing gum", "Acme"),
)
# Settings that would bring the person's own pictures, remotes and address into the demo.
_ALONE: dict[str, object] = {
    "folders": [],
    "public_url": None,
    "immich_url": None,
    "immich_api_key": None,
    "freshdesk_domain": None,
    "freshdesk_api_key": None,
    "product_contact": None,
}


@dataclass(frozen=True, slots=True)
class Demo:
    """A stand-in that listens, and how the gallery is connected to it."""

    kind: str
    name: str
    address: str
    key: str
    options: dict[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()  # article numbers to ask for
    shown: str = ""  # where it is, if the address does not say


def demo(options: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    """Start the stand-ins and a gallery connected to them, until told to stop."""
    kinds = list(STARTS) if options.kind == "all" else [options.kind]
    settings = settings.model_copy(update=_ALONE)
    with contextlib.ExitStack() as stack:
        demos = [stack.enter_context(STARTS[kind]()) for kind in kinds]
        with opened(settings) as gallery:
            for one in demos:
                gallery.remotes.ensure(one.kind, one.name, one.address, one.key, one.options)
                if one.codes:
                    gallery.products.paste("\n".join(one.codes), description="Demo")
        for one in demos:
            key = f", key {one.key}" if one.key else ""
            terminal.line(f"{one.name} at {one.shown or one.address}{key}")
        return serve(options, settings, terminal)


@contextlib.contextmanager
def _immich() -> Iterator[Demo]:
    from gallery_app.testing.immich import FakeImmich

    fake = FakeImmich(assets=240, albums=6, tags=5, people=3, specials=True)
    try:
        try:
            fake.serve(port=_PORTS["immich"])
        except OSError:
            fake.serve()
        yield Demo("immich", "Demo Immich", fake.url, fake.key)
    finally:
        fake.close()


@contextlib.contextmanager
def _freshdesk() -> Iterator[Demo]:
    from gallery_app.testing.freshdesk import FakeFreshdesk

    fake = FakeFreshdesk(tickets=60, pictures=150, articles=8)
    try:
        try:
            fake.serve(port=_PORTS["freshdesk"], files_port=_PORTS["files"])
        except OSError:
            fake.close()
            fake.serve()
        # Its pictures lie on this machine too, which a real account's never do.
        options = {"allow": "127.0.0.0/8", "hosts": "127.0.0.1"}
        yield Demo("freshdesk", "Demo Freshdesk", fake.url, fake.key, options)
    finally:
        fake.close()


@contextlib.contextmanager
def _products() -> Iterator[Demo]:
    from gallery_app.testing.products import FakeProducts

    with FakeProducts() as fake:
        for code, name, brands in _GOODS:
            fake.off.add(code, name, brands=brands, fronts=("en", "de"), sides=("nutrition_en",))
        yield Demo(
            "products", "Demo products", "", "", fake.options,
            codes=tuple(code for code, _, _ in _GOODS), shown=fake.off.addresses["off"],
        )  # fmt: skip


STARTS = {"immich": _immich, "freshdesk": _freshdesk, "products": _products}
