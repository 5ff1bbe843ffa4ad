"""The command line: tasks and releases without Pulumi. Results go to stdout; progress and errors go to stderr."""
