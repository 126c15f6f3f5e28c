"""What all tests share."""

import signal

# A job that a shell started in the background ignores Ctrl-C, and so would every process that the tests start
# and interrupt: they get the handling back that a terminal gives them.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
