"""One trust check a file: is a sample fit to learn effects from?"""
