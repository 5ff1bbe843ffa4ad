"""The lifecycle of one refresh or prefetch: options, intent, submission, completion. No I/O."""
