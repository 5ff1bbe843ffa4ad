run "a_release_is_loaded" {
  variables {
    release = "1"
  }

  assert {
    condition     = output.status == "Complete" && length(output.failed) == 0
    error_message = "The prefetch ended before it was complete."
  }
}

run "the_same_release_stays_loaded" {
  variables {
    release = "1"
  }

  assert {
    condition     = alicdn_prefetch_task.media.triggers.release == "1" && output.status == "Complete"
    error_message = "The release is not complete any more."
  }
}

run "the_next_release_is_loaded" {
  variables {
    release = "2"
  }

  assert {
    condition     = output.status == "Complete"
    error_message = "The next release ended before it was complete."
  }
}
