"""What is found by simulating and fitting many times: whether models are calibrated, and what a design can show."""
