"""The configuration: a model for each section, and reading it with one sentence for each fault."""
