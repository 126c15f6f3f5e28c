"""Report objects in, one self-contained HTML page out: no request, no script, two languages."""
