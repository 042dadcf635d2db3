"""Descriptors of other libraries on our `Descriptor` interface, one small class per library.

No library is needed to import these modules: each is loaded when its adapter is built, and one
that is missing, too old, or that refuses what it is asked for is one `InputError` sentence.
Settings carry our names (`n_max`, `l_max`, `sigma`, `cutoff`); every class says how it translates
them. docs/peers.md holds the translation table.
"""
