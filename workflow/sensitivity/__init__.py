"""How well do atomic descriptors see a structure?

Data flow: structures -> environments -> features and Jacobians -> singular values and vectors.
Every module is importable without Snakemake and knows no file of this repository.

Units: Å, eV, radians. Jacobians are (3N, n_features), rows neighbour-major in x, y, z.
"""
