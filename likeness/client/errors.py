"""What may go wrong between a job and its video on this side."""

from __future__ import annotations

from likeness.client.answers import JobInfo
from provenance.common.errors import CodedError


class JobNotReleased(CodedError):
    """A job ended without a video that can be downloaded. `code` and `message` are those of its failure."""

    code = "job_not_released"
    status = 409
    message = "The job ended without a released video."
    hint = "Its state says how it ended."

    def __init__(self, job: JobInfo) -> None:
        failure = job.failure
        if failure is None:
            super().__init__(f"The job {job.id} ended {job.state}.")
        else:
            super().__init__(failure.message, code=failure.code, hint=failure.hint)
        self.job = job


class WaitTimedOut(CodedError):
    """What was waited for has not come yet. It goes on; only the waiting ended."""

    code = "wait_timed_out"
    status = 504
    message = "It is not done yet."
    hint = "Wait again, with a longer timeout."


class DownloadDamaged(CodedError):
    """What was downloaded is not the file that the service sealed."""

    code = "download_damaged"
    status = 502
    message = "The downloaded file is not the one that was sealed."
    hint = "Download it again. If it happens again, something between here and the service changes files."
