# The same steps for Terraform and OpenTofu: `make up-terraform`.
terraform {
  required_providers {
    alicdn = {
      source = "alicdn/alicdn"
    }
  }
}

variable "release" {
  type        = string
  description = "Number of the release, the name of a folder."
}

variable "releases" {
  type        = string
  description = "Folder of all releases."
}

variable "origin" {
  type        = string
  description = "Folder that the origin serves."
}

variable "domain" {
  type        = string
  description = "Domain of the site."
}

variable "report" {
  type        = string
  description = "Path of the HTML report."
}

variable "edges" {
  type        = list(string)
  default     = null
  description = "Nodes as host:port. Default: those that the service lists."
}

variable "wait" {
  type        = bool
  default     = true
  description = "Whether the deployment goes on only once the release is live."
}

locals {
  folder = "${var.releases}/${var.release}"
  site   = "https://${var.domain}/"
}

# It represents the upload of a real pipeline, for example to OSS.
resource "terraform_data" "upload" {
  triggers_replace = [var.release]

  provisioner "local-exec" {
    command = "cp \"$FOLDER\"/* \"$ORIGIN\""
    environment = {
      FOLDER = local.folder
      ORIGIN = var.origin
    }
  }
}

# The service lists the nodes. Each of them has to serve these files, to the byte.
resource "alicdn_asset_release" "site" {
  count       = var.wait ? 1 : 0
  service     = "vod"
  directory   = local.folder
  base_urls   = [local.site]
  edges       = var.edges
  report_file = var.report
  depends_on  = [terraform_data.upload]
}

# Without a gate: the deployment ends once the service has accepted the task.
resource "alicdn_refresh_task" "site" {
  count        = var.wait ? 0 : 1
  service      = "vod"
  object_paths = [for name in fileset(local.folder, "*") : "${local.site}${name}"]
  triggers     = { release = var.release }
  wait         = false
  depends_on   = [terraform_data.upload]
}

# What depends on the release starts only once it is live at every node.
resource "terraform_data" "announce" {
  count            = var.wait ? 1 : 0
  triggers_replace = [alicdn_asset_release.site[0].digest]

  provisioner "local-exec" {
    command = "echo \"Release $RELEASE is live at $NODES nodes.\""
    environment = {
      RELEASE = var.release
      NODES   = length(alicdn_asset_release.site[0].evidence_summary)
    }
  }
}

output "status" {
  value = var.wait ? alicdn_asset_release.site[0].status : alicdn_refresh_task.site[0].status
}
