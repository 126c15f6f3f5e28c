"""What the number says that a command leaves with; scripts rely on it.

Errors carry their own (`retention_lab.errors`): 1 for a gate, 2 for usage, 3 for a question that cannot be
asked, 4 for a store that cannot be reached.
"""

DONE = 0
ANSWER_IS_NO = 1
CRASHED = 70  # a fault of the lab itself: EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # by Ctrl-C or by SIGTERM: open runs are closed as KILLED first
