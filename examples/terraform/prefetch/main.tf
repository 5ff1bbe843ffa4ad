# A prefetch that is done only once every edge has loaded the files.
terraform {
  required_providers {
    alicdn = {
      source = "alicdn/alicdn"
    }
  }
}

variable "release" {
  type        = string
  description = "Any value that changes with your files, such as a commit."
}

resource "alicdn_prefetch_task" "media" {
  service      = "vod"
  object_paths = ["https://example.com/app.js", "https://example.com/index.html"]
  area         = "overseas"
  triggers     = { release = var.release }

  timeouts {
    create = "30m"
    update = "30m"
  }
}

output "status" {
  value = alicdn_prefetch_task.media.status
}

# One that failed has its reason here, and the next apply submits that one only.
output "failed" {
  value = alicdn_prefetch_task.media.failed_objects
}
