"""Tools for development: embedded servers, sample runs, recording. Not part of the image."""
