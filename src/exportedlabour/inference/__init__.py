"""Inference that knows no subject: likelihoods, the sampler, convergence, weights.

Both models share it; nothing here knows a host, a worker or a dollar.
It may use the rooms above: evidence and assumptions.
"""
