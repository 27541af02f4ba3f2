"""Criticism of fits."""
from .diagnose import diagnose
