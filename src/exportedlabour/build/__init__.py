"""The build: which steps there are, which of them run, and what they left.

Steps of pipeline.yml, kernels, records of what was made, and refits.
It may use exhibits and the rooms above.
"""
