"""Masking: transforms, keys, and the engine that applies a plan's masks to a frame."""
