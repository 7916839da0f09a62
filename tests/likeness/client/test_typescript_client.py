"""The TypeScript client against the service's own API, in the Node that the browser tests bring."""

from __future__ import annotations

import hashlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable
from pytest_django.live_server_helper import LiveServer
from standardwebhooks import Webhook

from accounts.models import Partner
from tests.factories import issue_key
from tests.likeness.client.stub_service import Prepared, StubService
from tests.likeness.client.test_client_refusals import job, rendition
from tests.likeness.conftest import ROOT

CLIENT = ROOT / "clients/typescript/likeness.ts"
SECRET = "whsec_" + "A" * 43 + "="


def run(folder: Path, body: str, *arguments: str) -> Any:
    """What a program that uses the client prints as its last line, which is JSON."""
    program = folder / "program.ts"
    program.write_text(f'import {{ Client, LikenessError, verifyWebhook }} from "{CLIENT}";\n'
                       f"const [server, key] = process.argv.slice(2);\n{body}\n")  # fmt: skip
    node = str(compute_driver_executable()[0])
    done = subprocess.run(
        [node, str(program), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.django_db(transaction=True)
def test_it_calls_the_service(live_server: LiveServer, partner_a: Partner, tmp_path: Path) -> None:
    answer = run(
        tmp_path,
        """
const likeness = new Client(server, key);
for (const name of ["Maya", "Kenji", "Amara"]) await likeness.createSubject(name);
const names: string[] = [];
for await (const subject of likeness.list<{ display_name: string }>("subjects", { order: "oldest" })) {
  names.push(subject.display_name);
}
const refusals: unknown[] = [];
for (const call of [
  () => likeness.readJob("job_nothing"),
  () => likeness.uploadAudio(new Blob(["words"]), "own", "speech.wav"),
  () => likeness.uploadAudio(new Blob(["many words ".repeat(500_000)]), "own", "speech.wav"),
  () => likeness.createJob({ portrait_id: "por_1", driving_audio_id: "aud_1", seed: -1 }),
  () => new Client(server).createSubject("Nobody"),
]) {
  try { await call(); } catch (error) { if (error instanceof LikenessError) refusals.push(error.code); }
}
console.log(JSON.stringify({ names, refusals }));
""",
        live_server.url,
        issue_key(partner_a),
    )
    assert answer["names"] == ["Maya", "Kenji", "Amara"]
    # The large file was put together before it was looked at.
    wrong_type = "file_type_mismatch"
    assert answer["refusals"] == ["not_found", wrong_type, wrong_type, "invalid_request", "key_missing"]


def test_it_waits_and_downloads_what_was_sealed(stub: StubService, tmp_path: Path) -> None:
    busy = Prepared(503, {"title": "Busy.", "code": "busy", "hint": "Wait."}, {"Retry-After": "0"})
    stub.prepare("/v1/jobs/job_1", job("animating"), busy, job("released", rendition_id="rnd_1"))
    stub.prepare("/v1/renditions/rnd_1", rendition(hashlib.sha256(b"video").hexdigest()))
    stub.prepare("/v1/renditions/rnd_1/file", Prepared(200, b"video"), Prepared(200, b"other"))
    answer = run(
        tmp_path,
        """
const likeness = new Client(server, key);
const states: string[] = [];
const video = await likeness.wait("job_1", 30, (job) => states.push(job.state));
const text = new TextDecoder().decode(await likeness.download(video.id));
const damaged = await likeness.download(video.id).catch((error: LikenessError) => error.code);
console.log(JSON.stringify({ states, text, damaged }));
""",
        stub.url,
        "lk_1",
    )
    assert answer == {"states": ["animating", "released"], "text": "video", "damaged": "download_damaged"}
    assert all(headers["authorization"] == "Bearer lk_1" for headers in map(_lower, stub.headers))


def test_it_knows_the_services_messages(tmp_path: Path) -> None:
    body, now = '{"type": "job.released"}', datetime.now(UTC)
    signature = Webhook(SECRET).sign(msg_id="msg_1", timestamp=now, data=body)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    answer = run(
        tmp_path,
        """
const { body, headers, secret } = JSON.parse(server ?? "");
const said = await verifyWebhook(body, new Headers(headers), secret);
const refused = (error: LikenessError) => error.code;
const forged = await verifyWebhook(body + " ", new Headers(headers), secret).catch(refused);
headers["webhook-signature"] = "v1,?";
const garbled = await verifyWebhook(body, new Headers(headers), secret).catch(refused);
console.log(JSON.stringify({ said, forged, garbled }));
""",
        json.dumps({"body": body, "headers": headers, "secret": SECRET}),
    )
    assert answer.pop("said") == {"type": "job.released"}
    assert answer == {"forged": "message_rejected", "garbled": "message_rejected"}


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
