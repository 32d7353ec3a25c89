"""Builds the programs of tests/sdk/<language>/ under build/sdk, once for each state of their sources."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(__file__).resolve().parent
OUTPUTS = ROOT / "build" / "sdk"
BUILD_SECONDS_MAX = 1500


class BuildFailure(Exception):
    pass


def missing(*programs):
    """Those of `programs` that this machine does not have."""
    return [program for program in programs if not shutil.which(program)]


def _sources(folder):
    """Without what a build by hand leaves beside them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not {"target", "node_modules", "__pycache__"} & set(path.parts):
            yield path


def _state_of(folder):
    digest = hashlib.sha256()
    for file in _sources(folder):
        digest.update(f"{file.relative_to(folder)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _run(command, folder, output, **environment):
    """Each build is `nice`: the emulators of other tests share the cores with it."""
    log = output.with_name(f"{output.name}.log")
    with open(log, "ab") as sink:
        done = subprocess.run(
            ["nice", *command],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            timeout=BUILD_SECONDS_MAX,
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-60:])
        raise BuildFailure(f"{' '.join(map(str, command))} ended with {done.returncode}\n{tail}")


def _javascript(sources, output):
    for name in ("package.json", "package-lock.json", "conformance.js"):
        shutil.copy(sources / name, output / name)
    _run(["npm", "ci", "--no-progress"], output, output)


def _go(sources, output):
    _run(["go", "build", "-mod=readonly", "-o", output, "./..."], sources, output)


def _java(sources, output):
    where = [f"-Dbuild.folder={output}", f"-Dmdep.outputFile={output}/classpath"]
    _run(["mvn", "-B", "-q", *where, "compile", "dependency:build-classpath"], sources, output)


def _rust(sources, output):
    _run(["cargo", "build", "--locked"], sources, output, CARGO_TARGET_DIR=str(output))


def _old_botocore(sources, output):
    _run([sys.executable, "-m", "venv", output], sources, output)
    lock = ["--require-hashes", "-r", "requirements.lock"]
    _run([output / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *lock], sources, output)


BUILDS = {"javascript": _javascript, "go": _go, "java": _java, "rust": _rust, "python-old": _old_botocore}


def build(language):
    """The folder that has what `language` made of its sources; BuildFailure with the log's end when it did not."""
    sources, output = SOURCES / language, OUTPUTS / language
    stamp = output / "made-from"
    state = _state_of(sources)
    if stamp.exists() and stamp.read_text() == state:
        return output
    output.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    output.with_name(f"{output.name}.log").unlink(missing_ok=True)
    BUILDS[language](sources, output)
    stamp.write_text(state)
    return output
