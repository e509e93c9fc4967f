"""Measurements of whole polls beside other programs, on loopback: `make peers`."""
