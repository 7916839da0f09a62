"""Make a video as a partner, through the API: upload, consent, job, download, verification."""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from likeness import Client

SAMPLES = Path(__file__).parents[1] / "samples"


def main(
    video: Path = Path("video.mp4"),
    portrait: Path = SAMPLES / "portraits/amara.jpg",
    speech: Path = SAMPLES / "speech/sample1_female_calm.wav",
) -> int:
    """Write the video; `LIKENESS_SERVER` and `LIKENESS_API_KEY` in the environment say where and as whom."""
    with Client(os.environ["LIKENESS_SERVER"], os.environ["LIKENESS_API_KEY"]) as likeness:
        subject = likeness.create_subject("Amara (a person who does not exist)")
        portrait_id = likeness.upload_portrait(portrait, subject_id=subject.id).id
        audio_id = likeness.upload_audio(speech, voice="own").id

        consent = likeness.request_consent(
            portrait_id,
            basis="nonexistent_person",
            statement="Rendered from parametric data: see samples/README.md.",
            purpose="A short welcome at the harbour",
            valid_until=datetime.now(UTC) + timedelta(days=30),
            max_videos=3,
        )
        # Nobody is there to ask, so a reviewer reads the statement. A living person is asked at an address of
        # their own, and only they can say yes: create_subject(name, email=...), basis="other_person".
        print(f"Waiting for a reviewer: {consent.id}", flush=True)
        while likeness.read_consent(consent.id).state == "attested":
            time.sleep(1)

        job = likeness.create_job(portrait_id, audio_id, seed=7)
        sealed = likeness.wait(job.id, on_progress=lambda now: print(now.state, now.progress.frames_done))
        likeness.download(sealed.id, video)
        found = likeness.verify(video)
    print(f"{video}: {found.sentence}")
    return 0 if found.is_intact else 3


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
