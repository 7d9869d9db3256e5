# SPDX-License-Identifier: Apache-2.0
# All images for amd64 and arm64, each with its bill of materials and provenance attested:
#   REGISTRY=registry.example.com/plugins REVISION=$(git rev-parse HEAD) docker buildx bake -f build/docker/docker-bake.hcl --push
# Attestations and images for two architectures need --push, or a daemon with containerd's image store.

variable "REGISTRY" {
  default = "kube-device-plugins"
}

variable "VERSION" {
  default = "0.1.0"
}

variable "REVISION" {
  default = ""
}

# Pin both by digest for a release: …@sha256:…
variable "BASE_IMAGE" {
  default = "gcr.io/distroless/nodejs24-debian13:latest"
}

variable "BUILD_IMAGE" {
  default = "node:24-trixie-slim"
}

group "default" {
  targets = ["plugin", "init"]
}

target "common" {
  context   = "."
  platforms = ["linux/amd64", "linux/arm64"]
  args      = { VERSION = VERSION, REVISION = REVISION, BASE_IMAGE = BASE_IMAGE, BUILD_IMAGE = BUILD_IMAGE }
  attest    = ["type=sbom", "type=provenance,mode=max"]
}

# Of the package.json files; tools/image/test/bake.spec.ts compares them.
target "plugin" {
  inherits = ["common"]
  matrix = {
    image = [
      { plugin = "all", name = "kube-device-plugins" },
      { plugin = "fpga-plugin", name = "intel-fpga-plugin" },
      { plugin = "gpu-plugin", name = "intel-gpu-plugin" },
      { plugin = "qat-plugin", name = "intel-qat-plugin" },
      { plugin = "simple-plugin", name = "simple-device-plugin" },
    ]
  }
  name       = image.name
  dockerfile = "build/docker/plugin.Dockerfile"
  args       = { PLUGIN = image.plugin, NAME = image.name }
  tags       = ["${REGISTRY}/${image.name}:${VERSION}"]
}

target "init" {
  inherits = ["common"]
  matrix = {
    image = [
      { plugin = "fpga-plugin", name = "intel-fpga-initcontainer" },
      { plugin = "qat-plugin", name = "intel-qat-initcontainer" },
    ]
  }
  name       = image.name
  dockerfile = "build/docker/${trimprefix(image.name, "intel-")}.Dockerfile"
  args       = { NAME = image.name }
  tags       = ["${REGISTRY}/${image.name}:${VERSION}"]
}
