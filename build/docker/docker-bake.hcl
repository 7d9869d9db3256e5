# SPDX-License-Identifier: Apache-2.0
# All images: PLUGINS="$(npx nx show projects --projects tag:type:plugin --sep ,)" docker buildx bake -f build/docker/docker-bake.hcl
# The plugins are those with the tag type:plugin, so there is no list to edit here.

variable "PLUGINS" {
  default = "simple-plugin"
}

variable "VERSION" {
  default = "0.1.0"
}

variable "REVISION" {
  default = ""
}

variable "PREFIX" {
  default = "kube-device-plugins"
}

group "default" {
  targets = ["plugin"]
}

target "plugin" {
  name       = plugin
  matrix     = { plugin = split(",", PLUGINS) }
  context    = "."
  dockerfile = "build/docker/plugin.Dockerfile"
  args       = { PLUGIN = plugin, VERSION = VERSION, REVISION = REVISION }
  tags       = ["${PREFIX}/${plugin}:${VERSION}"]
  platforms  = ["linux/amd64", "linux/arm64"]
}
