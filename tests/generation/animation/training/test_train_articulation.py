"""ArticulationNet learns from speech with known phones; the data are made the same way twice."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from generation.animation.speech.visemes import PHONE_INDEX
from generation.animation.training import train_articulation
from generation.animation.training.examples.augmentation import augment, background_only
from generation.animation.training.examples.lip_examples import frame_targets
from generation.animation.training.examples.sentences import LANGUAGES, make_phrase, make_sentence
from generation.animation.training.examples.time_warp import change_tempo, hold_vowels, vary_pitch
from generation.animation.training.examples.utterance import (
    Utterance,
    load_utterance,
    save_utterance,
    split_phones,
)
from generation.animation.training.synthesisers.festival import phone_of_festival
from generation.animation.training.synthesisers.ipa import phones_of_ipa


def _utterance() -> Utterance:
    """Silence, then a low tone called M, then a higher one called AA."""
    time = np.arange(16_000) / 16_000
    tone = np.where(time < 0.5, np.sin(900 * time), np.sin(2400 * time)) * (time >= 0.2)
    return Utterance(tone.astype(np.float32), (("SIL", 0.0, 0.2), ("M", 0.2, 0.5), ("AA", 0.5, 1.0)))


def test_sentences_are_seeded_and_leave_no_slot_open() -> None:
    first, second = (random.Random(3) for _ in range(2))
    sentences = [make_sentence(first) for _ in range(200)]
    assert sentences == [make_sentence(second) for _ in range(200)]
    assert len(set(sentences)) > 190
    assert not any("{" in sentence for sentence in sentences)


@pytest.mark.parametrize("language", [*LANGUAGES, "cs"])
def test_there_is_much_to_say_in_other_languages(language: str) -> None:
    generator = random.Random(1)
    phrases = [make_phrase(language, generator) for _ in range(100)]
    assert len(set(phrases)) > 60
    assert all(phrase.strip() for phrase in phrases)


def test_phonetic_symbols_become_what_the_mouth_does() -> None:
    assert phones_of_ipa("tʃ") == ["CH"]
    assert phones_of_ipa("ɔ̃") == ["AO"]
    assert phones_of_ipa("aʊ") == ["AA", "UH"]
    assert phones_of_ipa("yː") == ["UW"]
    assert phones_of_ipa("ç") == ["HH"]
    assert phones_of_ipa("pʲ") == ["P"]
    assert phones_of_ipa("β") == ["BH"]
    assert phones_of_ipa("ɱ") == ["V"]


@pytest.mark.parametrize(
    ("language", "name", "phone"),
    [
        ("it", "a1", "AA"),
        ("it", "tS", "CH"),
        ("ru", "pp", "p"),
        ("ru", "aa", "AA"),
        ("cs", "r~*", "ZH"),
        ("en", "dh", "dh"),
    ],
)
def test_names_of_other_phone_sets_become_ours(language: str, name: str, phone: str) -> None:
    assert phone_of_festival(name, language) == phone


def test_diphthongs_split_and_short_gaps_are_no_pauses() -> None:
    segments = split_phones(
        [("pau", 0.0, 0.2), ("ay1", 0.2, 0.4), ("pau", 0.4, 0.43), ("b", 0.43, 0.5), ("?", 0.5, 0.7)]
    )
    assert [name for name, _, _ in segments] == ["SIL", "AA", "IH", "B", "SIL"]
    assert segments[1][2] == pytest.approx(0.32)
    assert segments[2][2] == 0.43


def test_an_utterance_comes_back_from_disk(tmp_path: Path) -> None:
    save_utterance(tmp_path / "a.npz", _utterance())
    again = load_utterance(tmp_path / "a.npz")
    assert again.samples == pytest.approx(_utterance().samples, abs=1e-4)
    assert [phone for phone, _, _ in again.segments] == ["SIL", "M", "AA"]


@pytest.mark.parametrize(
    "changed",
    [
        change_tempo(_utterance(), 1.7),
        hold_vowels(_utterance(), 3.0, np.random.default_rng(0)),
        vary_pitch(_utterance(), 0.03, 5.0, 1.1),
    ],
    ids=["rapped", "sung", "higher"],
)
def test_labels_move_with_the_changed_sound(changed: Utterance) -> None:
    start, end = changed.segments[1][1:]
    samples = changed.samples
    assert np.abs(samples[: int((start - 0.03) * 16_000)]).max() < 0.1
    rising = np.diff(np.signbit(samples[int((start + 0.03) * 16_000) : int((end - 0.03) * 16_000)])).sum()
    then = np.diff(
        np.signbit(samples[int((end + 0.03) * 16_000) : int((end + 0.03 + end - start) * 16_000)])
    ).sum()
    assert then > 1.8 * rising


def test_holding_vowels_leaves_consonants_as_long_as_they_were() -> None:
    held = hold_vowels(_utterance(), 4.0, np.random.default_rng(0)).segments
    assert held[1][2] - held[1][1] == pytest.approx(0.3, abs=0.01)
    assert held[2][2] - held[2][1] > 1.0


def test_augmented_speech_keeps_its_phones() -> None:
    augmented = augment(_utterance(), np.random.default_rng(2))
    assert [phone for phone, _, _ in augmented.segments] == ["SIL", "M", "AA"]
    assert augmented.segments[-1][2] <= augmented.duration_s
    assert np.isfinite(augmented.samples).all()
    assert np.abs(background_only(np.random.default_rng(0)).samples).max() < 8


def test_the_targets_close_the_lips_on_m_and_open_them_on_a_vowel() -> None:
    targets = frame_targets(_utterance(), np.full(100, -20, np.float32))
    assert targets.phones[35] == PHONE_INDEX["M"]
    assert targets.curves[35, -2] == 1
    assert targets.curves[80, -2] == 0
    assert targets.curves[80, 0] > 0.4
    assert targets.curves[5, 0] < 0.2


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("flite") is None, reason="needs the speech synthesisers flite and espeak-ng")
def test_a_tiny_training_runs_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["train_articulation", "--work", str(tmp_path), "--smoke"])
    train_articulation.main()
    made = load_file(tmp_path / "articulation_net.safetensors")
    train_articulation.main()
    again = load_file(tmp_path / "articulation_net.safetensors")
    assert all(torch.equal(again[name], values) for name, values in made.items())
    assert len((tmp_path / "curves.jsonl").read_text().splitlines()) == 1
