"""Translatable sentences as data: a template and its parameters, rendered where somebody reads them.

Templates are English and are their own ids in the catalogue of translations. The API and the commands render
them as they are; a page renders them in its reader's language. A verdict that is stored keeps its sentences
rendered, and beside them the messages that they were rendered from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

# A rendered English sentence to the message that it came from.
Messages = Mapping[str, "Message"]
# As stored: for each rendered sentence, template and parameters of every sentence in it.
StoredMessages = dict[str, list[tuple[str, dict[str, str]]]]


@dataclass(frozen=True)
class Message:
    """One sentence, and those that follow it.

    `template` is English with `{names}` for the values in `params`; a brace that is text is written twice.
    """

    template: str
    params: Mapping[str, str] = field(default_factory=dict)
    following: tuple[Message, ...] = ()

    def followed_by(self, *messages: Message) -> Message:
        """This message with `messages` after it."""
        return replace(self, following=(*self.following, *messages))

    def render(self, gettext: Callable[[str], str] = str, written: Callable[[str], str] = str) -> str:
        """The text in the language that `gettext` speaks, English by default.

        `written` gives a parameter as that language writes it; as it is by default.
        """
        values = {name: written(value) for name, value in self.params.items()}
        first = gettext(self.template).format(**values)
        return " ".join([first, *(message.render(gettext, written) for message in self.following)])

    def __str__(self) -> str:
        return self.render()


def render_stored(
    sentence: str,
    messages: Messages,
    gettext: Callable[[str], str],
    written: Callable[[str], str] = str,
) -> str:
    """A rendered English `sentence` in another language, with the message it came from if it is known.

    Without one it is a sentence without parameters, which the catalogue knows as it is.
    """
    message = messages.get(sentence)
    if message is not None:
        return message.render(gettext, written)
    return gettext(sentence) if sentence else sentence


def messages_by_text(messages: Iterable[Message]) -> dict[str, Message]:
    """The messages under their English text."""
    return {message.render(): message for message in messages}


def messages_to_json(messages: Messages) -> StoredMessages:
    """The stored form of those that cannot be looked up by their text: composed, or with parameters."""
    return {
        text: [(part.template, dict(part.params)) for part in _parts(message)]
        for text, message in messages.items()
        if message.params or message.following
    }


def messages_from_json(stored: object) -> dict[str, Message]:
    """The messages that `messages_to_json` described, also as versions up to 0.1.0 stored them.

    Those wrote the space between two sentences as a part of its own. Raises ValueError for anything else.
    """
    if not isinstance(stored, dict):
        raise ValueError("Stored messages are an object.")
    return {str(text): _message(parts) for text, parts in stored.items()}


def _message(parts: object) -> Message:
    if not isinstance(parts, list) or not parts:
        raise ValueError("A stored message is a list of parts.")
    first, *following = [_part(part) for part in parts if not _is_space(part)]
    return first.followed_by(*following)


def _part(part: object) -> Message:
    match part:
        case [str(template), dict(params)] if all(isinstance(value, str) for value in params.values()):
            return Message(template, params)
    raise ValueError("A part of a stored message is a template and its parameters.")


def _is_space(part: object) -> bool:
    return isinstance(part, list) and part[:1] == [" "]


def _parts(message: Message) -> Iterable[Message]:
    yield message
    for follower in message.following:
        yield from _parts(follower)
