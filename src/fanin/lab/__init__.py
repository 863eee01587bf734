"""The interactive page: a server for one person on their own machine, whose numbers are the command line's."""

from fanin.lab.app import create_app

__all__ = ["create_app"]
