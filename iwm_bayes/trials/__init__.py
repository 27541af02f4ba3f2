"""What repeated simulation says: whether a model is calibrated."""
