"""Machine-learned potentials as descriptors: what the inside of a trained model sees and misses.

`descriptor.py` offers them as a kind of descriptor. Everything else here runs in the Python of the
model's own library, which needs torch, numpy and ase besides, and nothing of ours but this folder.
"""
