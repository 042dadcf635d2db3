"""J J^T of density correlations without features, and what can be read from it to full accuracy."""
