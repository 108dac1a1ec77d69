"""A process of ours under strace: `python -m tests.traced FILE MODULE` writes every connection it tries."""

import os
import sys

if __name__ == "__main__":
    file, module = sys.argv[1:]
    os.execvp(
        "strace",
        [
            "strace",
            "-D",  # the traced process keeps this one's place, and its signals
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-e",
            "trace=connect,sendto,sendmsg",
            "-e",
            "signal=none",
            "-o",
            f"{file}-{os.getpid()}",
            sys.executable,
            "-m",
            module,
        ],
    )
