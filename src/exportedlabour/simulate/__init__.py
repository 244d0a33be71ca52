"""Worlds whose truth is known: draws from the model's own prior, and ledgers written from them, well or badly specified."""
