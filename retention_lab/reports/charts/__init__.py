"""Charts as SVG, one kind a file; all draw uncertainty alike: whiskers or a band, grey where zero is inside."""
