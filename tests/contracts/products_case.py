"""The product databases' case: one product with three pictures. Nothing is listed by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gallery_app.connectors.products import KIND
from gallery_app.domain.remote import RemoteConfig
from gallery_app.testing.faults import Faults
from gallery_app.testing.products import FakeProducts
from tests.contracts.case import Case, Clock

GUM = "4006381333931"
NUTELLA = "3017620422003"


@contextmanager
def make_case() -> Iterator[Case]:
    clock, faults = Clock(), Faults()
    with FakeProducts(faults=faults, clock=clock.seconds) as fake:
        fake.off.add(NUTELLA, "Nutella", fronts=("fr", "de"), sides=("packaging_fr",))

        def key_of(code: str, name: str, revision: str) -> str:
            return f"gtin/{code.zfill(14)}/off/{name}.{revision}"

        def expected() -> set[str]:
            return {
                key_of(product.code, name, revision)
                for product in fake.off.products.values()
                for name, (_, revision) in product.selected.items()
            }

        def bytes_of(key: str) -> bytes:
            _, gtin, _, name = key.split("/")
            return fake.off.picture(gtin, name)

        def add_one() -> str:
            fake.off.add(GUM, "Gum")
            return key_of(GUM, "front_en", "3")

        def remove_one() -> str:
            product = fake.off.products[NUTELLA]
            _, revision = product.selected.pop("packaging_fr")
            return key_of(NUTELLA, "packaging_fr", revision)

        case = Case(
            kind=KIND,
            config=RemoteConfig("", options=fake.options),
            clock=clock,
            expected=expected,
            bytes_of=bytes_of,
            add_one=add_one,
            remove_one=remove_one,
            break_with=faults.always,
            unknown=f"gtin/{NUTELLA.zfill(14)}/off/front_xx.1",
            lists=False,
        )
        try:
            yield case
        finally:
            case.close()
