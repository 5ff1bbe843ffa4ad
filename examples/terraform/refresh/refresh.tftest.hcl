run "a_release_is_complete" {
  variables {
    release = "1"
  }

  assert {
    condition     = output.status == "Complete" && length(alicdn_refresh_task.site.failed_objects) == 0
    error_message = "The refresh ended before it was complete."
  }
}

run "the_same_release_stays_complete" {
  variables {
    release = "1"
  }

  assert {
    condition     = alicdn_refresh_task.site.triggers.release == "1" && output.status == "Complete"
    error_message = "The release is not complete any more."
  }
}

run "the_next_release_is_complete" {
  variables {
    release = "2"
  }

  assert {
    condition     = output.status == "Complete"
    error_message = "The next release ended before it was complete."
  }
}
