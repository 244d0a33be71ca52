"""Hosts that the models treat apart from all others, each with what is special about it."""

# Their paths are free walks outside the pooled hyperpriors: no other host is like them.
UNPOOLED = CHINA, RUSSIA = ("CHN", "RUS")
LARGEST_FIRST = (RUSSIA, CHINA)  # the order in which claims and plots name them
UNTIED_HOST = CHINA  # no class of figure is tied to a count there
PLAN_HOST = RUSSIA  # where workers owe a plan in dollars
