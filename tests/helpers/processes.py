"""Other processes of the application, for the tests that start, kill and count them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import psycopg

_running: list[subprocess.Popen[str]] = []


def open_folder() -> Path:
    """A folder that other users may cross, short enough for a socket; pytest's own are closed to them."""
    path = Path(tempfile.mkdtemp(prefix="mlg-"))
    path.chmod(0o755)
    return path


def ask(dsn: str, query: str) -> object:
    """The first value that a query finds."""
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def script(home: Path, body: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process of the application: `home` and `server` are at its disposal."""
    code = "import os, sys, time, psycopg\nfrom pathlib import Path\nhome = Path(sys.argv[1])\n"
    code += "from maillage.house.private_postgres import *\n" + textwrap.dedent(body)
    command = [sys.executable, "-c", code, str(home), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _running.append(process)
    return process


def ended(process: subprocess.Popen[str]) -> str:
    """What it printed; it must end well."""
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output


def first_line(process: subprocess.Popen[str]) -> str:
    """What it says first, once it has said it."""
    assert process.stdout
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    """End it as the kernel does when memory is short: it can do nothing about it."""
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def kill_all() -> None:
    """End those that a failed test has left."""
    while _running:
        kill(_running.pop())
