"""What repeated simulation says: whether a model recovers what it is given, and what a design would tell.

Nothing is imported here, so that what is on record can be read without the machinery that made it.
"""
