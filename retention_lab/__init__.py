"""Retention Lab: which customers stay, and spend, because we acted, and what that was worth."""

__version__ = "0.1.0"
