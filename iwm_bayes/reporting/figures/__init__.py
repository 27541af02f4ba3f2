"""Figures: each function takes estimates or draws and returns a drawing, its words, and the table behind it."""
