# A folder that is released: what changed is refreshed, and every edge is asked for it.
terraform {
  required_providers {
    alicdn = {
      source = "alicdn/alicdn"
    }
  }
}

variable "base_url" {
  type        = string
  default     = "https://example.com/"
  description = "URL below which the folder is served."
}

variable "edges" {
  type        = list(string)
  default     = null
  description = "Edges as host:port. Default: the nodes that the service lists."
}

variable "origin" {
  type        = string
  default     = null
  description = "Address of the origin. Default: the one that the service names."
}

# Upload the folder first, for example with a resource that this one depends on.
resource "alicdn_asset_release" "site" {
  service     = "vod"
  directory   = "${path.module}/site"
  base_urls   = [var.base_url]
  edges       = var.edges
  origin      = var.origin
  report_file = "${path.module}/release.html"

  timeouts {
    create = "15m"
    update = "15m"
  }
}

output "status" {
  value = alicdn_asset_release.site.status
}

output "edges" {
  value = length(alicdn_asset_release.site.evidence_summary)
}
