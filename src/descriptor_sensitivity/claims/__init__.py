"""The statements of the papers, each judged by a rule on computed tables."""
