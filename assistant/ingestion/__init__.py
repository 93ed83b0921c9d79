"""From a folder of files to nodes in the library."""
