"""How many: the latent stock of workers by host and year, and its observation by published figures."""
