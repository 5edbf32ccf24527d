"""The tests mirror the packages; tests/run.py runs them all."""
