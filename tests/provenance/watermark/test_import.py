from __future__ import annotations

import subprocess
import sys


def test_keys_and_payloads_load_without_opencv() -> None:
    """The web process names the algorithm, makes ids and decides; it must not load what decodes pictures."""
    program = (
        "import sys; from provenance.watermark import ALGORITHM, WatermarkKey, WatermarkPayload;"
        "from provenance.watermark.content import fingerprint_match;"
        "from provenance.watermark.identification import decision, reading, registry;"
        "print([name for name in ('cv2', 'torch', 'imwatermark', 'numba', 'av') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
