"""When looks at a running test may begin."""

# The guarantee over all looks is one of large samples. With fewer units in an arm, an estimated variance and
# a skewed outcome cross the boundary more often than it says.
FEWEST_UNITS = 100
