"""Does the model mean what it says: scores, hold-outs, benchmarks and sensitivity, all free of any sampler."""
