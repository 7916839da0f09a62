"""Sound and picture that players play late, and seconds of a file that cannot be read."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path

import av
import numpy as np
import pytest

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.motion.fingerprint import BLOCK, ROW_RATE, MotionFingerprint
from provenance.fingerprints.motion.measuring import FOUND_RATE, FoundMotion
from provenance.fingerprints.motion.standing import stands_still
from provenance.fingerprints.sound.spectrogram import WIDTH
from provenance.fingerprints.stretch import Change, Stretch
from provenance.fingerprints.unread import known_of_the_readable, outside
from provenance.keys.service_keys import watermark_key
from provenance.verify.evidence.reader_report import MotionReport, SoundReport
from provenance.verify.evidence.signals import PictureReading, PictureState, SoundReading, SoundState
from provenance.verify.reader.damage import MOST_SPANS, DamagedSpans, complaints, damaged_spans
from provenance.verify.reader.sound_track import read_sounds
from provenance.verify.reader.watermark_search import search_watermark
from provenance.verify.verdict.timeline import FindingKind, findings_of
from provenance.verify.verdict.verdict import verdict
from provenance.verify.watermark_answer import interpret_extraction
from provenance.watermark.coding.payload import WatermarkKey
from provenance.watermark.identification.registry import Registry
from tests.provenance.clips import FPS, SAMPLE_RATE, moving_frames, write_clip
from tests.provenance.sealing import YEAR, SealedClip
from tests.provenance.verify.verdict.given_signals import SAME, A, signals

SECONDS = 6
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("plain") / "clip.mp4", moving_frames(SECONDS * FPS, seed=2))


def later(source: Path, target: Path, by_s: float) -> Path:
    """The sound of a file, played so much later."""
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-itsoffset", str(by_s), "-i", str(source)]
    subprocess.run([*command, "-map", "0:v", "-map", "1:a", "-c", "copy", str(target)], check=True)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("by_s", [0.6, 1.5])
def test_a_sound_that_players_play_late_is_read_as_late(
    plain: Path, tmp_path: Path, suffix: str, by_s: float
) -> None:
    (sound,) = read_sounds(later(plain, tmp_path / f"late.{suffix}", by_s))
    assert sound.start_s == pytest.approx(by_s, abs=0.07)  # less what the encoder puts before it


@pytest.mark.parametrize("codec", ["aac", "libopus"])
def test_what_encoders_put_before_a_sound_is_no_delay(plain: Path, tmp_path: Path, codec: str) -> None:
    target = tmp_path / "encoded.mkv"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(plain), "-c:v", "copy", "-c:a", codec, str(target)]
    subprocess.run(command, check=True)
    assert [one.start_s for one in read_sounds(target)] == [0.0]


def test_a_sound_that_is_not_there_for_a_while_keeps_its_place(plain: Path, tmp_path: Path) -> None:
    """Packets are left out, as where a stream was lost; the rest is played when it would have been."""
    target = tmp_path / "gap.mkv"
    with av.open(str(plain)) as source, av.open(str(target), "w") as copy:
        stream = copy.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.pts is not None and not 2.0 <= float(packet.pts * packet.time_base) < 3.0:
                packet.stream = stream
                copy.mux(packet)
    (whole,), (rest,) = read_sounds(plain), read_sounds(target)
    assert whole.levels is not None
    assert rest.levels is not None
    assert abs(_columns(whole) - _columns(rest)) <= 8


def _columns(report: SoundReport) -> int:
    assert report.levels is not None
    return len(zlib.decompress(report.levels)) // WIDTH


def with_zeros(source: Path, target: Path, start: float, size: int) -> Path:
    data = bytearray(source.read_bytes())
    at = round(len(data) * start)
    data[at : at + size] = bytes(size)
    target.write_bytes(data)
    return target


def test_damage_in_the_picture_is_found_and_a_whole_file_has_none(plain: Path, tmp_path: Path) -> None:
    broken = with_zeros(plain, tmp_path / "broken.mp4", 0.5, 20_000)
    spans = []
    for path in (plain, broken):
        with complaints() as told, av.open(str(path)) as container:
            for packet in container.demux(video=0):
                try:
                    packet.decode()
                except av.error.InvalidDataError:
                    continue
        spans.append((bool(told), damaged_spans(path, SECONDS)))
    assert spans[0] == (False, ())
    assert spans[1][0]
    assert sum(end - start for start, end in spans[1][1]) > 0.3


def test_the_motion_of_a_marked_picture_says_where_it_was_damaged(clip: SealedClip, tmp_path: Path) -> None:
    secrets = [watermark_key(YEAR).secret]
    whole = search_watermark(clip.path, secrets).motion
    broken = search_watermark(with_zeros(clip.path, tmp_path / "broken.mp4", 0.6, 12_000), secrets).motion
    assert whole is not None
    assert broken is not None
    assert (whole.unread, whole.start_s) == ((), 0.0)
    assert broken.unread


def test_lost_sound_is_told_as_damage_and_leaves_the_rest_in_its_place(plain: Path, tmp_path: Path) -> None:
    (whole,), (rest,) = (
        read_sounds(one) for one in (plain, with_zeros(plain, tmp_path / "broken.mp4", 0.5, 60_000))
    )
    assert whole.unread == ()
    assert rest.unread
    assert abs(_columns(whole) - _columns(rest)) <= 8


@pytest.mark.slow
def test_a_picture_that_ends_before_its_sound_is_looked_at_whole(tmp_path: Path) -> None:
    tone = np.sin(np.arange(8 * SAMPLE_RATE) * 0.15).astype(np.float32) * 0.3
    path = write_clip(tmp_path / "clip.mp4", moving_frames(3 * FPS, seed=2), speech=tone)
    report = search_watermark(path, [KEY])
    assert report.duration_s == pytest.approx(3.0, abs=0.1)
    assert interpret_extraction(report, [Registry(WatermarkKey(KEY))], lambda *_: None).unseen == ()


def test_nothing_is_said_of_what_could_not_be_read() -> None:
    unread = [(4.0, 5.0)]
    edits = [
        Edit(EditKind.REPLACED, 4.1, 4.9, 4.1, 4.9),
        Edit(EditKind.MUTED, 4.0, 7.0, 4.0, 7.0),
        Edit(EditKind.CUT, 4.0, 4.0, 4.0, 5.0),
        Edit(EditKind.REORDERED, 3.9, 5.2, 9.0, 10.3),
    ]
    assert known_of_the_readable(edits, unread) == [Edit(EditKind.MUTED, 5.3, 7.0, 5.3, 7.0)]


def test_what_damage_cannot_have_done_is_said_all_the_same() -> None:
    edits = [
        Edit(EditKind.CUT, 4.0, 4.0, 4.0, 9.0),
        Edit(EditKind.CUT, 1.0, 1.0, 1.0, 2.0),
        Edit(EditKind.REPLACED, 0.0, 3.0, 0.0, 3.0),
        Edit(EditKind.REORDERED, 4.5, 9.0, 1.0, 5.5),
    ]
    assert known_of_the_readable(edits, [(4.0, 5.0)]) == edits
    assert list(outside(0.0, 10.0, [(4.0, 5.0)], 0.4)) == [(0.0, 3.7), (5.3, 10.0)]


def test_more_damage_than_is_told_in_spans_is_one_span_and_none_reaches_beyond_the_track() -> None:
    damage = DamagedSpans()
    for number in range(MOST_SPANS + 5):
        damage.add(float(number))
        damage.end(number + 0.5)
    spans = damage.spans(MOST_SPANS + 1.2)
    assert len(spans) == MOST_SPANS
    assert spans[-1] == (MOST_SPANS - 1.0, MOST_SPANS + 1.2)
    wild = DamagedSpans()
    wild.add(-1e9)
    wild.end(1e12)
    assert wild.spans(8.0) == ((0.0, 8.0),)


def test_a_verdict_says_which_seconds_could_not_be_read() -> None:
    picture = PictureReading(PictureState.SAME, duration_s=8.0, unread=((4.36, 8.0),))
    found = verdict(signals(mark=SAME, by_mark=A, picture=picture))
    assert "From 4.4 s to 8.0 s the picture could not be read" in str(found.sentence)
    assert "damaged" in [one.finding for one in found.reasons if one.signal == "container"]
    assert "damaged" in [gap.what for gap in found.unchecked]
    parts = [(one["start_s"], one["state"]) for one in found.to_json()["timeline"]["picture"]]
    assert parts == [(0.0, "ours"), (4.36, "unknown")]


def test_a_report_with_impossible_times_is_refused() -> None:
    for times in ({"start_s": -1.0}, {"unread": ((3.0, 2.0),)}, {"start_s": float("nan")}):
        with pytest.raises(ValueError, match="No "):
            SoundReport(None, b"", **times)
        with pytest.raises(ValueError, match="No "):
            MotionReport(None, b"", b"", b"", 0, ((0, 0), (1, 0), (1, 1), (0, 1)), **times)


def stretch(start_s: float, end_s: float, record_start_s: float, *, is_reversed: bool = False) -> Stretch:
    change = Change(is_reversed=is_reversed)
    return Stretch(start_s, end_s, record_start_s, record_start_s + end_s - start_s, change, 0.9)


@pytest.mark.parametrize(
    ("stretches", "spans"),
    [
        ((stretch(0.0, 8.3, 0.0),), [(0.0, 8.3)]),
        ((stretch(0.0, 8.3, 0.0), stretch(8.3, 16.6, 0.0, is_reversed=True)), [(0.0, 8.3)]),
        ((stretch(0.0, 3.0, 0.0), stretch(5.0, 8.3, 5.0)), [(0.0, 8.3)]),
        ((stretch(0.0, 3.0, 0.0), stretch(6.0, 9.0, 3.0)), [(0.0, 3.0), (6.0, 9.0)]),
    ],
)
def test_our_sound_was_silenced_only_where_it_would_be_heard(
    stretches: tuple[Stretch, ...], spans: list[tuple[float, float]]
) -> None:
    picture = PictureReading(PictureState.SAME, stretches=stretches, duration_s=16.6)
    given = signals(picture=picture, sound=SoundReading(SoundState.SILENT))
    muted = [(one.start_s, one.end_s) for one in findings_of(given) if one.kind is FindingKind.MUTED]
    assert muted == spans


@pytest.mark.parametrize(("at_s", "is_told"), [(8.0, True), (0.0, False)])
def test_a_sound_that_comes_late_and_is_cut_off_at_the_end_comes_late(at_s: float, is_told: bool) -> None:
    """What is missing at the beginning tells by itself why the rest comes early."""
    cut = Edit(EditKind.CUT, at_s, at_s, 6.5 if is_told else 0.0, 8.0 if is_told else 1.5)
    heard = stretch(1.5, 8.0, 0.0) if is_told else stretch(0.0, 6.5, 1.5)
    given = signals(
        picture=PictureReading(PictureState.SAME, stretches=(stretch(0.0, 8.0, 0.0),), duration_s=8.0),
        sound=SoundReading(SoundState.CHANGED, (cut,), stretches=(heard,), duration_s=8.0),
    )
    shifted = [one.shift_s for one in findings_of(given) if one.kind is FindingKind.SHIFTED]
    assert shifted == ([1.5] if is_told else [])


def test_a_silent_file_that_is_longer_silences_our_sound_for_as_long_as_it_lasts() -> None:
    edit = Edit(EditKind.MUTED, 0.0, 11.4, 0.0, 8.3)
    given = signals(sound=SoundReading(SoundState.SILENT, (edit,), duration_s=11.4))
    assert [(one.start_s, one.end_s) for one in findings_of(given)] == [(0.0, 8.3)]


def test_a_still_of_ours_stands_still_and_a_video_of_it_does_not() -> None:
    random = np.random.default_rng(5)
    cells = np.arange(40, 100).astype(np.uint8)
    rows = random.normal(0, 12, (round(8 * ROW_RATE), len(cells)))
    rows = np.stack([np.convolve(column, np.hanning(7) / 3, "same") for column in rows.T], axis=1)
    record = MotionFingerprint(cells, rows.round().astype(np.int8))
    every, count = np.ones(BLOCK, np.bool_), round(8 * FOUND_RATE)
    moving = np.full((count, BLOCK), 128, np.float32)
    places = np.minimum(np.arange(count) * ROW_RATE / FOUND_RATE, len(rows) - 1).astype(int)
    moving[:, cells] += record.levels[places] * 0.5
    still = np.full_like(moving, 128) + random.normal(0, 0.03, moving.shape).astype(np.float32)
    seen = np.ones(count, np.bool_)
    quiet = MotionFingerprint(cells, np.zeros_like(record.levels))
    assert stands_still(record, FoundMotion(still, every, seen))
    assert not stands_still(record, FoundMotion(moving, every, seen))
    assert not stands_still(record, FoundMotion(still, every, ~seen))
    assert not stands_still(quiet, FoundMotion(still, every, seen))


@pytest.mark.parametrize("codec", ["pcm_s16le", "libmp3lame", "libopus", "aac"])
def test_silence_in_a_sound_is_no_damage(codec: str, tmp_path: Path) -> None:
    """Packets of silence may be nothing but zeros."""
    sound = np.concatenate([_tone(2.0), np.zeros((1, 2 * SAMPLE_RATE), np.float32), _tone(1.0)], axis=1)
    path = tmp_path / "silent.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, SAMPLE_RATE, layout="mono")
        resampler = av.AudioResampler(stream.codec_context.format.name, "mono", SAMPLE_RATE)
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="mono")
        frame.rate, frame.pts = SAMPLE_RATE, 0
        fifo = av.AudioFifo()
        for piece in resampler.resample(frame):
            fifo.write(piece)
        while piece := fifo.read(stream.codec_context.frame_size or 1024, partial=True):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    (report,) = read_sounds(path)
    assert report.unread == ()


def _tone(seconds: float) -> np.ndarray:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * 300 * times))[None].astype(np.float32)
