"""`python -m retention_lab` is `lab`."""

from retention_lab.cli import main

if __name__ == "__main__":
    main()
