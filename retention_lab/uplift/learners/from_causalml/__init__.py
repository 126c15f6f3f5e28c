"""Learners of the library causalml as candidates: it fits them, plain values of ours predict.

causalml is imported when something is fitted and never to predict. It is called with keyword arguments only,
since the order of its positional ones differs between learners; arms are passed as whole numbers with control
0, since as text offer 10 would come before offer 2.
"""
