"""What the service costs, each figure beside its limit in the same run.

`make bench`, or `python -m tests.benchmarks NAME ...`.

A figure alone says little on a busy machine; the ratio to a bare piece of work, measured in turn with it, says more.
Nothing here is a test: a slow day fails nobody.
"""
