"""Trains Sidetone's streaming Mandarin model: see models/train/README.md."""
