"""Charts as SVG, one kind a file; uncertainty is a whisker or a band, grey where zero is inside."""
