"""How far list endpoints count their pages."""

from __future__ import annotations

MOST_PAGES = 1_000_000


def within_pages(page: int) -> int:
    """The page, if a database can count to it. Raises ValueError."""
    if page > MOST_PAGES:
        raise ValueError(f"there are no more than {MOST_PAGES} pages")
    return page
