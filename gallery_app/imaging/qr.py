"""QR codes of addresses, as SVG."""

from __future__ import annotations

import io

import segno


def draw_qr(text: str) -> str:
    """An SVG document with the QR code of `text`, black on white with its quiet zone.

    Source: ISO/IEC 18004, error correction level M, drawn by segno.
    """
    sink = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(sink, kind="svg", scale=4, border=4, dark="#111111", light="#ffffff", xmldecl=False)
    return sink.getvalue().decode()
