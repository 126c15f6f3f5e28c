"""Which process a run belongs to, and whether that process still lives."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process so named that a later one with the same number is told apart.

    host: the machine's name with a mark of its machine id. boot: this start of the machine, with the
    namespace in which the number counts. started: the process's start, in the clock of the system.
    """

    pid: int
    host: str
    boot: str
    started: str

    def tags(self) -> dict[str, str]:
        """What a run says about the process that writes it."""
        return {
            "lab.pid": str(self.pid),
            "lab.host": self.host,
            "lab.boot": self.boot,
            "lab.process_started": self.started,
        }


def this_process() -> Process:
    """The process that asks."""
    return Process(os.getpid(), host_name(), boot_mark(), _started(os.getpid()) or "")


def is_gone(tags: Mapping[str, str]) -> bool | None:
    """Whether the process that a run's tags name has ended; None where that cannot be known from here."""
    pid = tags.get("lab.pid", "")
    if tags.get("lab.host") != host_name() or not pid.isdigit():
        return None
    boot, namespace = tags.get("lab.boot", "").partition("/")[::2]
    our_boot, our_namespace = boot_mark().partition("/")[::2]
    if boot != our_boot:
        return True
    if namespace != our_namespace:  # a container on the same machine: its numbers are not ours
        return None
    return _started(int(pid)) != tags.get("lab.process_started")


@cache
def host_name() -> str:
    """The machine's name and a mark of its machine id, so that two machines of one name differ."""
    for name in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        machine = _read(Path(name)).strip()
        if machine:
            return f"{platform.node()}/{hashlib.sha256(machine.encode()).hexdigest()[:12]}"
    return platform.node()


@cache
def boot_mark() -> str:
    """This start of the machine, and the namespace of process numbers."""
    boot = _read(Path("/proc/sys/kernel/random/boot_id")).strip() or _output(
        ["sysctl", "-n", "kern.boottime"]
    )
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    return f"{boot}/{namespace}"


def _started(pid: int) -> str | None:
    """When the process started, in the system's own words; None where there is none, or only its remains."""
    if Path("/proc/self/stat").exists():
        # the name in brackets may hold spaces and brackets: fields count from the last one
        fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
        return fields[19] if fields and fields[0] not in ("Z", "X") else None
    return _output(["ps", "-o", "lstart=", "-p", str(pid)]) or None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
