"""How much: pay per worker, who takes which part of it, and the revenue that follows."""
