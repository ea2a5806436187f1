"""The mutation matrix: each id of the checklists, broken as a developer would break it."""
