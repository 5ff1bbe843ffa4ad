# A refresh that is done only once every edge has dropped what it held.
terraform {
  required_providers {
    alicdn = {
      source = "alicdn/alicdn"
    }
  }
}

# What is left out comes from the environment, such as ALICLOUD_ACCESS_KEY, or from the aliyun command line.
provider "alicdn" {
  # profile = "production"
}

variable "release" {
  type        = string
  description = "Any value that changes with your assets, such as a commit."
}

resource "alicdn_refresh_task" "site" {
  service      = "cdn"
  object_paths = ["https://example.com/index.html", "https://example.com/app.js"]
  triggers     = { release = var.release }

  timeouts {
    create = "15m"
    update = "15m"
  }
}

# What depends on the task starts only once the edges are fresh.
output "status" {
  value = alicdn_refresh_task.site.status
}

output "intent" {
  value = alicdn_refresh_task.site.id
}
