"""The scripts in processes/ are run by tests, each in a process of its own."""

collect_ignore = ["processes"]
