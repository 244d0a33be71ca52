"""The model of money: what workers are paid, and what the state takes.

Pay, the mix of sectors and revenue on the draws of workers, and IT workers apart.
It may use workers and the rooms above.
"""
