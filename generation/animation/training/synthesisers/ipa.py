"""Maps IPA symbols, as espeak-ng writes them for six languages, to the phone set of `visemes`.

The mapping follows what the mouth looks like first, and the sound second: a trilled r is made by
the tongue behind open lips and counts as D, French u has the lips of UW, the n of enfermo ([ɱ]) those of V.
"""

from __future__ import annotations

import unicodedata

_PHONES_OF_SYMBOLS = {
    "P": "pɓ", "B": "b", "BH": "β", "M": "m", "F": "fɸ", "V": "vʋɱ", "TH": "θ", "DH": "ð", "T": "tʈ",
    "D": "dɖɾr", "N": "nɲɳ", "S": "s", "Z": "z", "SH": "ʃʂɕ", "ZH": "ʒʐʑ", "CH": "ʧʨ", "JH": "ʤʥ",
    "K": "kcqxχ", "G": "gɡɟɣʝ", "NG": "ŋ", "HH": "hħçʁɦ", "L": "lɫʎɭ", "R": "ɹɻ", "W": "wɥʍ", "Y": "j",
    "AA": "ɑaɒ", "AE": "æ", "AH": "ʌəɐᵊ", "AO": "ɔo", "EH": "ɛe", "ER": "ɜɚɝøœɵ", "IH": "ɪᵻɨ",
    "IY": "i", "UH": "ʊʏ", "UW": "uyʉɯ",
}  # fmt: skip
_PHONE_OF_SYMBOL = {symbol: phone for phone, symbols in _PHONES_OF_SYMBOLS.items() for symbol in symbols}
_AFFRICATES = {"tʃ": "ʧ", "dʒ": "ʤ", "tɕ": "ʨ", "dʑ": "ʥ", "ʦ": "ts", "ʣ": "dz"}


def phone_of(symbol: str) -> str | None:
    """The phone of one symbol; None for stress, length, nasality and other modifiers."""
    return _PHONE_OF_SYMBOL.get(symbol) or _PHONE_OF_SYMBOL.get(unicodedata.normalize("NFD", symbol)[0])


def phones_of_ipa(name: str) -> list[str]:
    """The phones of one espeak-ng phoneme: one for a vowel, two for a diphthong, none for a pause.

    Affricates of two symbols are one phone; diacritics (also nasality) are dropped.
    """
    plain = unicodedata.normalize("NFC", name)
    for pair, joined in _AFFRICATES.items():
        plain = plain.replace(pair, joined)
    return [phone for symbol in plain if (phone := phone_of(symbol))]
