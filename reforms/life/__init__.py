"""The life of a measure: reports, claims, signature and verification, extensions, and what the office does to it.

Each deed is a function that holds the measure, writes what was done, lets `settling` derive where the measure stands,
and logs both in one transaction.
"""
