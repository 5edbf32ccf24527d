"""Every form of the portal, filled in and sent by its button: a function each, which sees that what it is for is done.

Each takes the page of somebody who is signed in, and the places of the demonstration.
"""
