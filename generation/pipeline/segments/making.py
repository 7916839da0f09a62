"""Makes one segment of a video: rendered frames are looked at, labelled, marked and encoded in one stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label, labelled
from generation.pipeline.finishing.encoders import X264
from generation.pipeline.pictures import Finisher, PictureSegment, encode_pictures, marked_by
from generation.pipeline.pixel_report.report import PixelWatch
from generation.pipeline.segments.plan import SegmentPlan
from generation.pipeline.segments.segment import MadeSegment
from provenance.common.visible_label import PlaceName
from provenance.fingerprints.motion.cells import cells_of_marked
from provenance.watermark import Embedder, WatermarkKey
from provenance.watermark.content.fingerprint import fingerprints_of_marked
from provenance.watermark.content.fingerprint_match import RECORD_FINGERPRINTS

Frame = NDArray[np.uint8]
PlaceLabel = Callable[[Frame], Disclosure]
CPU = "cpu"


@dataclass(frozen=True)
class Finishing:
    """Where frames are marked, "cpu" or a torch device, and the encoder of the pictures."""

    device: str = CPU
    encoder: str = X264


class SegmentMaker:
    """Makes segments of one video, in any order. Each depends on its own frames alone: its mark, its encoder
    and the look at its face begin anew, so it is the same wherever it is made."""

    def __init__(
        self,
        portrait: Frame,
        disclosure: Disclosure,
        fps: float,
        cuts: Sequence[int],
        *,
        place_label: PlaceLabel | None = None,
        finishing: Finishing | None = None,
    ) -> None:
        """`portrait` (H, W, 3) uint8 RGB is what the renderer was given; `fps` and `cuts` are the plan's.

        `place_label` is given the first frame, which is then the video's first, and says where the label
        stands. `finishing` is the CPU and x264 unless given.
        """
        self._finishing = finishing or Finishing()
        self.watch = PixelWatch(portrait, fps, cuts)
        self.label: Label | None = None
        self.first_frame: Frame | None = None
        """The first frame that was prepared, without a label."""
        self._cuts = tuple(cuts)
        self._place_label = place_label
        self._disclosure = disclosure
        seconds = disclosure.first_seconds
        self._labelled_frames = None if seconds is None else round(seconds * fps)

    @property
    def label_place(self) -> PlaceName:
        """The corner of the label, known once a frame was prepared."""
        return self._disclosure.place

    def prepared(self, number: int, motion: MotionTrack, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The rendered frames of a segment as they are marked: looked at, then labelled. `motion` is the
        segment's, as the renderer was told to show it."""
        first = self._cuts[number]
        watched = self.watch.watch(frames, motion, first)
        return self._with_label(first, watched) if self._disclosure.has_label else watched

    def _with_label(self, first: int, frames: Iterator[Frame]) -> Iterator[Frame]:
        shown = None if self._labelled_frames is None else max(self._labelled_frames - first, 0)
        for number, frame in enumerate(frames):
            if self.label is None:
                self.first_frame = frame
                if self._place_label is not None:
                    self._disclosure = self._place_label(frame)
                self.label = Label(self._disclosure, frame.shape[1], frame.shape[0])
            yield from labelled((frame,), self.label, None if shown is None else max(shown - number, 0))

    def begin(
        self,
        plan: SegmentPlan,
        key: WatermarkKey,
        number: int,
        prepared: Iterator[Frame],
        on_frame: Callable[[int], None],
    ) -> SegmentInMaking:
        """Begin to mark and encode `prepared` frames; `on_frame` counts those of this segment. Raises
        ValueError for a plan whose strength is not chosen."""
        first = plan.cuts[number]
        marked = _Marked(plan.cuts[-1], first)
        pictures = encode_pictures(
            prepared,
            fps=plan.fps,
            first=first,
            finish=_finisher(plan, key, self._finishing.device, marked),
            on_frame=on_frame,
            encoder=self._finishing.encoder,
        )
        return SegmentInMaking(pictures, marked, self.watch, first)


@dataclass(frozen=True)
class SegmentInMaking:
    """A segment whose frames are rendered, marked and encoded as its packets are asked for."""

    pictures: PictureSegment
    marked: _Marked
    watch: PixelWatch
    first: int

    def made(self) -> MadeSegment:
        """What it has become, once its packets were asked for."""
        cells = np.asarray(np.stack(self.marked.cells), np.float32)
        return MadeSegment(self.pictures, cells, tuple(self.marked.fingerprints), self.watch.seen(self.first))

    def finish(self) -> MadeSegment:
        """Make all of it now."""
        pictures = replace(self.pictures, packets=tuple(self.pictures.packets))
        return replace(self.made(), pictures=pictures)


def _finisher(plan: SegmentPlan, key: WatermarkKey, device: str, marked: _Marked) -> Finisher:
    if plan.strength is None:
        raise ValueError("The strength of the mark is not chosen.")
    if device == CPU:
        embedder = Embedder(plan.payload, key, plan.strength)
        return marked_by(lambda luma: marked.note(embedder.mark(luma)))
    from generation.pipeline.finishing.on_device import DeviceFinisher  # noqa: PLC0415 (only it needs torch)
    from provenance.watermark.torch_embedder import TorchEmbedder  # noqa: PLC0415

    return DeviceFinisher(TorchEmbedder(plan.payload, key, plan.strength, device), device, marked.note)


class _Marked:
    """Measures the cells of each marked luma plane of a segment, and takes the fingerprints of a few that are
    spread over the video."""

    def __init__(self, frames: int, first: int) -> None:
        self._fingerprinted = {frames * place // RECORD_FINGERPRINTS for place in range(RECORD_FINGERPRINTS)}
        self._number = first
        self.fingerprints: list[bytes] = []
        self.cells: list[NDArray[np.float32]] = []

    def note(self, marked: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Look at the next plane, which is returned as it is."""
        self.cells.append(cells_of_marked(marked))
        if self._number in self._fingerprinted:
            self.fingerprints += [one.tobytes() for one in fingerprints_of_marked(marked)]
        self._number += 1
        return marked
