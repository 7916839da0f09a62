"""What each verdict means and what it does not, in plain words, as the page about them shows it."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Meaning(NamedTuple):
    """A verdict's headline, what it means, what it does not, and what to do."""

    headline: Promise
    means: Promise
    does_not_mean: Promise
    do: Promise


MEANINGS: dict[str, Meaning] = {
    "ours_intact": Meaning(
        _("Made here, and unchanged"),
        _(
            "The file is, byte for byte, a video that this service made with the consent of the person in "
            "it, and that was released. Our signature fits it, and the public log knows it."
        ),
        _(
            "That the person said these words: picture and movement were made by a machine, from a portrait "
            "and a recording. Nor that what is said is true."
        ),
        _("You may rely on where it comes from. Judge what it says as you would judge any text."),
    ),
    "ours_changed": Meaning(
        _("Made here, but changed since"),
        _(
            "A video of ours is in it, and the file is not as it left us. Most such files were only made "
            "smaller by a messenger or a platform. Where picture or sound were edited and we could tell, the "
            "answer says what was done, and at which seconds."
        ),
        _(
            "That somebody meant harm. Nor, where no edit is named, that there was none: less than half a "
            "second does not show, and the answer lists what was not looked at."
        ),
        _(
            "Do not rely on the words if the sound is called replaced, cut or put together anew. Ask for the "
            "original."
        ),
    ),
    "ours_recorded": Meaning(
        _("Made here, recorded from a live session"),
        _(
            "Somebody recorded a live session of ours, or a part of one: a portrait that spoke while "
            "somebody talked into a microphone. Our mark is in the picture, and no edit was found."
        ),
        _(
            "That nothing is missing: a recording begins and ends anywhere. Nor that there was no edit: less "
            "than half a second does not show, and the answer lists what was not compared."
        ),
        _(
            "You may rely on where it comes from, and on the words as far as picture and sound were "
            "compared. Judge what it says as you would judge any text."
        ),
    ),
    "ours_withdrawn": Meaning(
        _("Made here, but withdrawn"),
        _(
            "A video of ours is in it that must not circulate any more: the person in it took the consent "
            "back, or we took it down, or it was never released."
        ),
        _("That whoever sent it to you knew. Copies stay in the world after a withdrawal."),
        _("Please do not pass it on. If you know where it is shown, report it to us."),
    ),
    "mark_transplanted": Meaning(
        _("Our mark, on something else"),
        _(
            "Our invisible mark is in the picture, and the picture is not of the video that was marked so. "
            "Somebody may have laid the mark over something else, to make it look as if it came from us."
        ),
        _("That it was made here. No video of ours is named, because none is shown."),
        _("Treat it as a file of unknown origin."),
    ),
    "other_credentials": Meaning(
        _("Somebody else's credentials"),
        _(
            "The file carries Content Credentials that somebody else signed. The answer says whether they "
            "fit the file, and whether we know who signed."
        ),
        _(
            "That we vouch for it. Anybody can make credentials in any name; an unknown signer is no proof "
            "of anything, and no sign of a forgery either."
        ),
        _(
            "Look at who signed, and whether you know them. If a video of ours is named as an input, its "
            "state is told."
        ),
    ),
    "no_provenance": Meaning(
        _("No provenance found"),
        _("There are no credentials in the file, and our mark was not found where we looked for it."),
        _(
            "That it is real, and not that it is a forgery. Most files in the world have no provenance. A "
            "video of ours can lose its credentials and, by heavy editing, its mark."
        ),
        _("Nothing follows from this answer. Look for other sources."),
    ),
    "cannot_tell": Meaning(
        _("We cannot tell"),
        _(
            "What the file shows contradicts itself, or could not be read, or is too weak for an answer. The "
            "sentence says which."
        ),
        _("That something is wrong with the file, or that it is safe."),
        _("Try to get a better copy, the larger and the less often passed on, the better."),
    ),
}
