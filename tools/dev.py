"""Run everything on loopback until Ctrl-C: `make dev`."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

from config.local_broker import RedisDidNotStart
from config.local_stack import LocalStack, StackDidNotStart, sandbox_remark

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Start the stack, print where things are and who can sign in, and keep the parts alive."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with LocalStack(ROOT / "var") as stack:
            seed = json.loads(stack.manage("seed_demo"))
            print(f"\n  Pages      {stack.base_url}/")
            print(f"  Verify     {stack.base_url}/verify/")
            print(f"  API        {stack.base_url}/docs/api/")
            print(f"  Public log {stack.base_url}/log/")
            print(f"  Log files  {stack.data_dir / 'log'}\n")
            print("  Demo logins (development only):")
            for person in seed["people"]:
                second = f"   one-time code secret {person['totp_secret']}" if person["totp_secret"] else ""
                print(f"    {person['role']:<9} {person['email']:<24} {person['password']}{second}")
            print("  A current one-time code: .venv/bin/python manage.py demo_code reviewer")
            print(f"  API key of the demo partner: {seed['api_key']}\n")
            if remark := sandbox_remark():
                print(f"  {remark}\n")
            print("  Ctrl-C stops everything.", flush=True)
            while True:
                time.sleep(2)
                for name in stack.revive():
                    print(f"  {name} had ended and was started again; see {stack.log_file(name)}", flush=True)
    except KeyboardInterrupt:
        print("\n  Stopped.")
        return 0
    except (StackDidNotStart, RedisDidNotStart) as error:
        print(f"make dev: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
