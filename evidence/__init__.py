"""The long simulations behind what the documentation promises, and the means to run them again.

Each study fixes its cells and seeds before anything is looked at. `python -m evidence run` makes the numbers,
`python -m evidence run --check` makes a random part of them again and compares.
"""
