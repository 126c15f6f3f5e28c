"""The loops of `ledger` and `order_times`, compiled. Loading this takes half a second."""

from numba import njit


@njit(cache=True, nogil=True)
def add_values(cells, edge_of, edge, place, amount, sign, values):  # type: ignore[no-untyped-def]  # compiled
    """Add each line's value to its cell; sign: 1 for lines sold, -1 for returns, 0 for both."""
    for i in range(len(place)):
        row = edge_of[edge[i]]
        if row >= 0 and place[i] >= 0 and (sign == 0 or sign * amount[i] > 0):
            cells[row, place[i]] += values[i]


@njit(cache=True, nogil=True)
def add_ones(cells, edge_of, edge, place, amount, sign):  # type: ignore[no-untyped-def]  # compiled
    """Count the lines of each cell."""
    for i in range(len(place)):
        row = edge_of[edge[i]]
        if row >= 0 and place[i] >= 0 and sign * amount[i] > 0:
            cells[row, place[i]] += 1


@njit(cache=True, nogil=True)
def keep_latest(cells, edge_of, edge, place, amount, moment):  # type: ignore[no-untyped-def]  # compiled
    """When the latest line sold of each cell was."""
    for i in range(len(place)):
        row = edge_of[edge[i]]
        if row >= 0 and place[i] >= 0 and amount[i] > 0 and moment[i] > cells[row, place[i]]:
            cells[row, place[i]] = moment[i]


@njit(cache=True, nogil=True)
def keep_earliest(earliest, place, moment):  # type: ignore[no-untyped-def]  # compiled
    """When the earliest line of each place was; a place below 0 is nobody's."""
    for i in range(len(place)):
        if place[i] >= 0 and moment[i] < earliest[place[i]]:
            earliest[place[i]] = moment[i]


@njit(cache=True, nogil=True)
def edges_after(edges, moment, found):  # type: ignore[no-untyped-def]  # compiled
    """The first edge later than each moment; lines mostly come in the order of time, so the last is tried."""
    edge = 0
    for i in range(len(moment)):
        while edge < len(edges) and edges[edge] <= moment[i]:
            edge += 1
        while edge > 0 and edges[edge - 1] > moment[i]:
            edge -= 1
        found[i] = edge


@njit(cache=True, nogil=True)
def sort_within(owners, values, starts, found):  # type: ignore[no-untyped-def]  # compiled
    """Put the values of each owner together, increasing."""
    following = starts[:-1].copy()
    for i in range(len(values)):
        place = following[owners[i]]
        found[place] = values[i]
        following[owners[i]] = place + 1
    for owner in range(len(starts) - 1):
        for i in range(starts[owner] + 1, starts[owner + 1]):
            if found[i] < found[i - 1]:
                found[starts[owner] : starts[owner + 1]].sort()
                break


@njit(cache=True, nogil=True)
def count_before(bounds, values, owners, limits, found):  # type: ignore[no-untyped-def]  # compiled
    """Position after the owner's last value below the limit, by halving; values increase within an owner."""
    for i in range(len(owners)):
        low, high = bounds[owners[i]], bounds[owners[i] + 1]
        while low < high:
            middle = (low + high) // 2
            if values[middle] < limits[i]:
                low = middle + 1
            else:
                high = middle
        found[i] = low
