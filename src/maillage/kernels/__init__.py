"""Kernels: plain arrays in, plain arrays out, no Django. Each has a README and a slow obvious twin in its tests."""
