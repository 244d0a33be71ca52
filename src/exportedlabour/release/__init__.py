"""The release: the archive of a build, its reproduction and its list of changes.

The archive is the same to the byte whenever one commit is built to the same files.
It may use book and the rooms above.
"""
