"""What the animation model says of a choice that it cannot use, as templates that catalogues of translations
have. It knows no framework, so its sentences are written down here once more, where they are found;
`tests/generation/pages/test_words_of_scripts.py` compares the two.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

OF_DIRECTIONS = (
    _("This version of a direction is not known."),
    _("Write version {version}."),
    _("This must be a list of keyframes."),
    _("Write [] for none."),
    _("There are more than {most} keyframes."),
    _("Leave out those that change nothing."),
    _("A keyframe must be an object."),
    _('Such as {"time_s": 1.5, ...}.'),
    _("Keyframes must follow each other in time, no two at the same."),
    _("Write a time after {time} seconds, or put both into one keyframe."),
    _("The keyframe sets nothing."),
    _("Name what it sets, or leave it out."),
    _("There is no {control} with this name."),
    _("Write one of {names}."),
    _("This must be an object."),
    _("It may have {names}."),
    _("There is no such field."),
    _("Known are {names}."),
    _("This must be a number from {low} to {high}."),
    _("Write a number from {low} to {high}."),
)
OF_CONTROLS = (
    _("emotion must be one of {names}."),
    _("style must be one of {names}."),
    _("{control} must be a number from {low} to {high}."),
    _("{control} is not a control; known are {names}."),
)
OF_FORMATS = (
    _("aspect must be one of {names}."),
    _("size must be an even number from {low} to {high}."),
    _("fps must be a whole number from {low} to {high}."),
    _("fill must be blur or a colour as #rrggbb."),
    _("{field} is not a part of a video's format."),
)
OF_PICTURES = (
    _("The picture would be enlarged {times} times for this size; {most} times is the most."),
    _("Use a picture of higher resolution, or a size of {largest} at most."),
    _("Use a picture of higher resolution, or the aspect 1:1."),
    _("Head and shoulders would take only {pixels} pixels of this video; {least} are the least."),
    _("Choose a larger size, or the aspect 1:1, which shows head and shoulders alone."),
    _("The renderer of this job makes square videos only."),
    _("Choose the aspect 1:1, or another renderer."),
)
OF_RECORDINGS = (
    _("Audio holds samples that are not finite."),
    _("Audio must last from {shortest} to {longest} seconds."),
    _("Keyframes of listening need a recording with one channel."),
)
