run "a_release_is_complete" {
  variables {
    release = "1"
  }

  assert {
    condition     = output.status == "Complete" && length(alicdn_refresh_task.site.failed_objects) == 0
    error_message = "The refresh ended before it was complete."
  }
}

run "the_same_release_submits_nothing" {
  variables {
    release = "1"
  }

  assert {
    condition     = output.intent == run.a_release_is_complete.intent
    error_message = "The same release was submitted again."
  }
}

run "the_next_release_submits_again" {
  variables {
    release = "2"
  }

  assert {
    condition     = output.status == "Complete" && output.intent != run.a_release_is_complete.intent
    error_message = "The next release was not submitted."
  }
}
