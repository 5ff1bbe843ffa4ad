run "the_folder_is_live" {
  assert {
    condition     = output.status == "live" && alicdn_asset_release.site.files == 2 && output.edges > 0
    error_message = "The release ended before it was live."
  }
}

run "the_same_folder_stays_live" {
  assert {
    condition     = output.status == "live" && length(alicdn_asset_release.site.unproven) == 0
    error_message = "The release is not live any more."
  }
}
