"""What a page is made of, as a browser and a screen reader find it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

DATA_SCRIPTS = {"application/json"}
UNLABELLED = {"hidden", "submit", "button"}


@dataclass
class Page(HTMLParser):
    """Collects what the tests ask about. Feed it once."""

    address: str = ""
    headings: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    fields: list[dict[str, str | None]] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    pictures_without_text: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    title: str = ""
    description: str = ""
    _open: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort one tag into the lists above."""
        values = dict(attrs)
        if identifier := values.get("id"):
            self.ids.append(identifier)
        self.inline += [f"<{tag} {name}>" for name in values if name == "style" or name.startswith("on")]
        if tag == "style" or (
            tag == "script" and "src" not in values and values.get("type") not in DATA_SCRIPTS
        ):
            self.inline.append(f"<{tag}>")
        if tag in {"a", "link"} and (address := values.get("href")):
            (self.links if tag == "a" else self.loads).append(address)
            if address.startswith("javascript:"):
                self.inline.append(address)
        if tag in {"img", "script", "video", "audio"} and (address := values.get("src")):
            self.loads.append(address)
        if tag == "img" and "alt" not in values:
            self.pictures_without_text.append(str(values.get("src")))
        if tag == "label" and (target := values.get("for")):
            self.labelled.add(target)
        if tag in {"input", "select", "textarea"} and values.get("type") not in UNLABELLED:
            self.fields.append(values)
        if tag == "meta" and values.get("name") == "description":
            self.description = values.get("content") or ""
        if tag in {"h1", "title", "button", "a"}:
            self._open.append((tag, values.get("aria-label") or ""))

    def handle_data(self, data: str) -> None:
        """Words belong to every heading, button or link that is open."""
        self._open = [(tag, words + data) for tag, words in self._open]

    def handle_endtag(self, tag: str) -> None:
        """Take down what was said in a heading, a title, a button or a link."""
        if not self._open or self._open[-1][0] != tag:
            return
        _, words = self._open.pop()
        words = " ".join(words.split())
        if tag == "h1":
            self.headings.append(words)
        elif tag == "title":
            self.title = words
        elif not words:
            self.nameless.append(tag)

    @property
    def unlabelled(self) -> list[str]:
        """Fields that no label speaks for."""
        return [
            str(values.get("name"))
            for values in self.fields
            if not values.get("aria-label") and values.get("id") not in self.labelled
        ]


def read(address: str, text: str) -> Page:
    """The parts of a page."""
    page = Page(address)
    page.feed(text)
    return page


class _Words(HTMLParser):
    """Collects the texts that are shown or read out, each as it stands in its element or attribute."""

    SILENT = ("script", "style", "pre", "code", "time")
    SPOKEN = ("alt", "title", "aria-label", "placeholder", "data-label")

    def __init__(self) -> None:
        super().__init__()
        self.words: set[str] = set()
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        is_foreign = "lang" in values and tag != "html"
        is_data = {"mono", "facts"} & set((values.get("class") or "").split())
        if tag in self.SILENT or is_foreign or is_data:
            self._silent.append(tag)
        elif tag == "meta" and values.get("name") == "description":
            self._add(values.get("content") or "")
        if not self._silent:
            for name in self.SPOKEN:
                self._add(values.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._add(data)

    def _add(self, text: str) -> None:
        words = " ".join(text.split()).strip(" .,:;·←→()")
        if words:
            self.words.add(words)


def words_of(text: str) -> set[str]:
    """Every text of a page that people read or hear, without code, moments and the names of languages."""
    parser = _Words()
    parser.feed(text)
    return parser.words
