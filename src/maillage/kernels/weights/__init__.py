"""Weights: raking of a sample to known margins, what the weights cost, and honest intervals. See README.md."""
