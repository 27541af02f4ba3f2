"""Fixtures shared by the tests, and this folder on the path for the modules that they share."""
