"""Our own line icons as data, and the CSS that puts them in front of any element.

An icon is a CSS class (`i i-photos`), not an element: a button with an icon is one element on
the server and in the browser. Drawn on a grid of 24 px, lines of 1.75 px, in the text's colour.
"""

from __future__ import annotations

from urllib.parse import quote

# Source: our own drawings. Several paths of one icon are joined in one `d`.
PATHS: dict[str, str] = {
    "photos": "M4.5 6.5a2 2 0 0 1 2-2h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2z"
    "M4.5 16l4.2-4.4a1.5 1.5 0 0 1 2.2 0l5.6 7.2M14 14.6l1.3-1.3a1.5 1.5 0 0 1 2.1 0l2.1 2.1"
    "M15.4 8.6h.01",
    "heart": "M12 19.6S4 15 4 9.3A4.3 4.3 0 0 1 8.3 5c1.6 0 2.9.8 3.7 2 .8-1.2 2.1-2 3.7-2"
    "A4.3 4.3 0 0 1 20 9.3C20 15 12 19.6 12 19.6z",
    "folder": "M3.5 7.5a2 2 0 0 1 2-2h3.4a2 2 0 0 1 1.5.7l1.1 1.3h7a2 2 0 0 1 2 2v7.5a2 2 0 0 1-2 2"
    "h-13a2 2 0 0 1-2-2z",
    "link": "M10 14.2a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 9.8a4 4 0 0 0-5.7 0l-3 3"
    "a4 4 0 0 0 5.7 5.7l1.2-1.2",
    "source": "M5.9 6.3A2 2 0 0 1 7.8 5h8.4a2 2 0 0 1 1.9 1.3l2.1 6.2v4.5a2 2 0 0 1-2 2H5.8"
    "a2 2 0 0 1"
    "-2-2v-4.5zM3.8 12.5h16.4M7.5 15.9h.01M10.8 15.9h5.7",
    "jobs": "M4 12h3.2l2.3-6.5 4.6 13 2.4-6.5H20",
    "trash": "M4.5 7h15M9.5 7V5.2a1.2 1.2 0 0 1 1.2-1.2h2.6a1.2 1.2 0 0 1 1.2 1.2V7M6.5 7l.8 11.2"
    "a1.9 1.9 0 0 0 1.9 1.8h5.6a1.9 1.9 0 0 0 1.9-1.8L17.5 7M10 11v5M14 11v5",
    "more": "M4.5 7h15M4.5 12h15M4.5 17h15",
    "upload": "M12 16V5M7.5 9.3 12 4.8l4.5 4.5M4.5 15.5v2a2 2 0 0 0 2 2h11a2 2 0 0 0 2-2v-2",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.8v2M12 19.2v2M21.2 12h-2M4.8 12h-2"
    "M18.5 5.5l-1.4 1.4M6.9 17.1l-1.4 1.4M18.5 18.5l-1.4-1.4M6.9 6.9 5.5 5.5",
    "moon": "M20 14.3A8.2 8.2 0 0 1 9.7 4a8.2 8.2 0 1 0 10.3 10.3z",
    "auto": "M4 6.5a1.5 1.5 0 0 1 1.5-1.5h13A1.5 1.5 0 0 1 20 6.5v8a1.5 1.5 0 0 1-1.5 1.5"
    "h-13A1.5 1.5 0 0 1 4 14.5zM9 20h6M12 16v4",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "warn": "M12 9v4.5M12 16.8h.01M10.3 4.6 3.2 17a2 2 0 0 0 1.7 3h14.2a2 2 0 0 0 1.7-3L13.7 4.6"
    "a2 2 0 0 0-3.4 0z",
    "bad": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM9 9l6 6M15 9l-6 6",
    "clock": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
    "refresh": "M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3.8v3.7h-3.7",
    "plus": "M12 5v14M5 12h14",
    "copy": "M9 10.5A1.5 1.5 0 0 1 10.5 9h8a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-8"
    "A1.5 1.5 0 0 1 9 18.5zM15 6V5.5A1.5 1.5 0 0 0 13.5 4h-8A1.5 1.5 0 0 0 4 5.5v8"
    "A1.5 1.5 0 0 0 5.5 15H6",
    "qr": "M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM13.5 13.5h2.5v2.5M19.5 13.5v.01"
    "M13.5 19.5v.01M17 19.5h2.5V17",
    "stop": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
    "chevron": "M9.5 5.5 16 12l-6.5 6.5",
    "info": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5M12 8h.01",
    "tag": "M4.5 5.5a1 1 0 0 1 1-1h6.2a2 2 0 0 1 1.4.6l6 6a2 2 0 0 1 0 2.8l-5.1 5.1a2 2 0 0 1-2.8 0"
    "l-6-6a2 2 0 0 1-.7-1.4zM8.6 8.6h.01",
    "stack": "M5.5 8.5h13a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18v-8"
    "a1.5 1.5 0 0 1 1.5-1.5zM6.5 5.5h11M8.5 2.8h7",
    "frame": "M4 5.5A1.5 1.5 0 0 1 5.5 4h13A1.5 1.5 0 0 1 20 5.5v10a1.5 1.5 0 0 1-1.5 1.5h-13"
    "A1.5 1.5 0 0 1 4 15.5zM7 14l3-3.5 2.3 2.4 1.7-1.9L17 14M9 20.5h6",
    "ticket": "M4 8a1.5 1.5 0 0 1 1.5-1.5h13A1.5 1.5 0 0 1 20 8v2a2 2 0 0 0 0 4v2a1.5 1.5 0 0 1-1.5"
    " 1.5h-13A1.5 1.5 0 0 1 4 16v-2a2 2 0 0 0 0-4zM14 9.5v.01M14 12v.01M14 14.5v.01",
    "company": "M5 20V5.5A1.5 1.5 0 0 1 6.5 4h7A1.5 1.5 0 0 1 15 5.5V20M15 10h2.5a1.5 1.5 0 0 1"
    " 1.5 1.5V20M3.5 20h17M8.5 8h3M8.5 11.5h3M8.5 15h3",
    "article": "M6 4.5h8.5l4 4V18a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 18V6A1.5"
    " 1.5 0 0 1 6 4.5zM8 11.5h7M8 15h5M14 4.8V9h4.2",
    "album": "M6.5 4.5h11A1.5 1.5 0 0 1 19 6v12a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 18V6"
    "a1.5 1.5 0 0 1 1.5-1.5zM8.5 4.5v15M12 9h3.5M12 12h3.5",
    "person": "M12 4.5a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6zM4.8 19.5c.7-3.2 3.6-5 7.2-5"
    "s6.5 1.8 7.2 5",
    "product": "M4.5 6v12M8 6v12M11 6v8M14 6v8M17 6v8M19.8 6v12M11 18h6",
    "pause": "M8.5 5.5v13M15.5 5.5v13",
    "play": "M8 5.2v13.6a.6.6 0 0 0 .9.5l10.4-6.8a.6.6 0 0 0 0-1L8.9 4.7a.6.6 0 0 0-.9.5z",
    "edit": "M4.5 19.5l.9-4L15.6 5.3a1.8 1.8 0 0 1 2.5 0l.6.6a1.8 1.8 0 0 1 0 2.5L8.5 18.6z"
    "M13.8 7.1l3.1 3.1",
    "plug": "M9 3.5V8M15 3.5V8M6.5 8h11v3.5a5.5 5.5 0 0 1-11 0zM12 17v3.5",
    "out": "M10 5.5H6.5a1.5 1.5 0 0 0-1.5 1.5v10.5A1.5 1.5 0 0 0 6.5 19H17a1.5 1.5 0 0 0 1.5-1.5V14"
    "M13.5 4.8h5.7v5.7M19 5l-8.2 8.2",
    "offline": "M3.5 12.5 5.9 6.3M7.8 5h8.4a2 2 0 0 1 1.9 1.3l2.1 6.2V17M4 12.5h8.5M3.8 12.5V17"
    "a2 2 0 0 0 2 2H18M4 4l16 16",
}

_STROKE = (
    "fill='none' stroke='black' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'"
)


def data_uri(svg: str) -> str:
    """An SVG document as a `url(...)` of CSS."""
    return f'url("data:image/svg+xml,{quote(svg, safe=_PLAIN)}")'


_PLAIN = " ='/:;,.-()"


def css() -> str:
    """A variable `--i-name` for every icon, and a class that chooses it."""
    variables = []
    classes = []
    for name, path in PATHS.items():
        svg = (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' {_STROKE}>"
            f"<path d='{path}'/></svg>"
        )
        variables.append(f"--i-{name}:{data_uri(svg)}")
        classes.append(f".i-{name}{{--i:var(--i-{name})}}")
    return f":root{{{';'.join(variables)}}}\n{''.join(classes)}\n"
