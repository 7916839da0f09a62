"""Make clients from docs/openapi.json with two generators, and complain if either has something to say.

`python -m tools.docs.check_generators` needs Python and npm, and installs both generators into a folder that
is thrown away. The Python client is imported, the TypeScript types are checked by the compiler, together
with clients/typescript.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/openapi.json"
CLIENTS = ROOT / "clients"
PYTHON_PACKAGES = ("openapi-python-client==0.29.1", "ruff")
NPM_PACKAGES = ("openapi-typescript@7.13.0", "typescript@5.9.3", "@types/node@22")
COMPILER_OPTIONS = {
    "strict": True,
    "noEmit": True,
    "target": "es2022",
    "module": "nodenext",
    "allowImportingTsExtensions": True,  # as Node itself wants them
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "lib": ["es2022", "dom", "dom.iterable"],
}


def run(*command: str, folder: Path) -> str:
    """What a command prints; ends the program with it if the command fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def check_python(folder: Path) -> None:
    """Generate the Python client and import all of it. Ends the program on a warning."""
    run(sys.executable, "-m", "venv", "venv", folder=folder)
    binaries = folder / "venv/bin"
    run(str(binaries / "pip"), "install", "--quiet", *PYTHON_PACKAGES, folder=folder)
    said = run(
        "env", f"PATH={binaries}:/usr/bin:/bin", "openapi-python-client", "generate", "--path", str(DOCUMENT),
        "--config", str(CLIENTS / "openapi-python-client.yaml"), "--output-path", "python", folder=folder,
    )  # fmt: skip
    if "warning" in said.lower() or "error" in said.lower():
        sys.exit(f"openapi-python-client:\n{said}")
    (package,) = (path.parent for path in folder.glob("python/*/__init__.py"))
    modules = [
        ".".join(path.relative_to(package.parent).with_suffix("").parts)
        for path in package.rglob("*.py")
        if path.name != "__init__.py"
    ]
    imports = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)"
    run(str(binaries / "python"), "-c", imports, folder=package.parent)
    print(f"openapi-python-client: {len(modules)} modules, no warning")


def check_typescript(folder: Path) -> None:
    """Generate the TypeScript types and compile them with our client. Ends the program on a complaint."""
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    run("npm", "install", "--silent", *NPM_PACKAGES, folder=folder)
    said = run("npx", "openapi-typescript", str(DOCUMENT), "-o", "schema.ts", folder=folder)
    if "warn" in said.lower() or "error" in said.lower():
        sys.exit(f"openapi-typescript:\n{said}")
    for source in sorted((CLIENTS / "typescript").glob("*.ts")):
        shutil.copy(source, folder)
    files = sorted(path.name for path in folder.glob("*.ts"))
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": COMPILER_OPTIONS, "files": files}))
    run("npx", "tsc", "-p", ".", folder=folder)
    print(f"openapi-typescript: {', '.join(files)} compile, no warning")


def main() -> None:
    """Check both."""
    for check in (check_python, check_typescript):
        with tempfile.TemporaryDirectory(prefix="likeness-generators-") as folder:
            check(Path(folder))


if __name__ == "__main__":
    main()
