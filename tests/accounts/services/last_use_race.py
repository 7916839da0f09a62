"""Run as a module against an empty SQLite file: many threads reserve the uses of one consent at once.

Prints how many got one, how many were told it is used up, and what the database counted, as JSON.
"""

from __future__ import annotations

import json
import sys
import threading

import django

THREADS = 8
ROUNDS = 5
MAX_VIDEOS = 3


def run() -> dict[str, int]:
    from django.core.management import call_command
    from django.db import connection, transaction

    from accounts.errors import ConsentUsedUp
    from accounts.models import ConsentGrant, MemberRole
    from accounts.services import consent
    from provenance.common.ids import new_id
    from provenance.keys.key_creation import create_missing_keys
    from provenance.log.entries import LogEvent
    from provenance.services import log
    from tests.factories import PartnerFactory, PortraitFactory, granted_consent, person

    call_command("migrate", verbosity=0)
    create_missing_keys()
    partner = PartnerFactory()
    alice = person("Alice", partner=partner, role=MemberRole.OWNER)
    totals = {"taken": 0, "refused": 0, "counted": 0}
    for _ in range(ROUNDS):
        grant = granted_consent(PortraitFactory(partner=partner), alice, max_videos=MAX_VIDEOS).grant
        outcomes: list[str] = []
        start = threading.Barrier(THREADS)

        def reserve(grant=grant, start=start, outcomes=outcomes) -> None:
            start.wait()
            try:
                with transaction.atomic():
                    consent.reserve_use(grant)
                    # As submitting does: the log says how many videos a consent has given.
                    data = {"job_id": new_id("job"), "consent_id": grant.id}
                    log.append(LogEvent.JOB_SUBMITTED, actor="system", data=data)
                outcomes.append("taken")
            except ConsentUsedUp:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=reserve) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        totals["taken"] += outcomes.count("taken")
        totals["refused"] += outcomes.count("refused")
        totals["counted"] += ConsentGrant.objects.get(pk=grant.pk).used_videos
    return totals


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(run()))
