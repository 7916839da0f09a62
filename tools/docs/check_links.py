"""Check a built documentation site: links inside lead somewhere, and pages load nothing from elsewhere.

python -m tools.docs.check_links FOLDER

Prints one line for each fault and ends with 1 if there was any. Links to other sites are not followed.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes whose target a browser loads by itself when the page opens.
LOADED = {
    "audio": ("src",),
    "iframe": ("src",),
    "img": ("src",),
    "link": ("href",),
    "script": ("src",),
    "source": ("src",),
    "video": ("src", "poster"),
}
# Links of <link> that name an address and load nothing.
NOT_LOADED = {"canonical", "next", "prev", "index", "search", "author", "license"}


@dataclass
class Page(HTMLParser):
    """What one page names: its own anchors, what it links to, and what it loads."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect one element's id and addresses."""
        values = {name: value for name, value in attrs if value}
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if not NOT_LOADED & set(values.get("rel", "").split()):
            self.loads += [values[name] for name in LOADED.get(tag, ()) if name in values]


@cache
def read_page(path: Path) -> Page:
    """The page at `path`, parsed once."""
    page = Page()
    page.feed(path.read_text())
    return page


def faults(site: Path) -> list[str]:
    """One sentence for each fault of the site in the folder `site`."""
    found = []
    for path in sorted(site.rglob("*.html")):
        page, name = read_page(path), path.relative_to(site)
        for address in page.loads:
            if urlsplit(address).scheme in ("http", "https") or address.startswith("//"):
                found.append(f"{name} loads {address} from elsewhere")
        for address in (*page.links, *page.loads):
            if fault := _fault_of(address, path):
                found.append(f"{name} links to {address}: {fault}")
    for path in sorted(site.rglob("*.css")):
        for address in re.findall(r"(?:url\(|@import\s+)[\"']?((?:https?:)?//[^\"')\s]+)", path.read_text()):
            found.append(f"{path.relative_to(site)} loads {address} from elsewhere")
    return found


def _fault_of(address: str, page: Path) -> str:
    """What is wrong with a link of `page`, or nothing."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return ""
    target = page if not parts.path else (page.parent / unquote(parts.path)).resolve()
    if not target.is_file():
        return "there is no such file"
    anchor = unquote(parts.fragment)
    if anchor and target.suffix == ".html" and anchor not in read_page(target).anchors:
        return "there is no such place on that page"
    return ""


def main() -> int:
    """Print the faults of the site that the command names."""
    found = faults(Path(sys.argv[1]).resolve())
    print("\n".join(found) or "All links lead somewhere, and nothing is loaded from elsewhere.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
