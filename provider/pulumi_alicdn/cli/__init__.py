"""The command line: the life of a task without Pulumi. Results go to stdout; progress and errors go to stderr."""
