# SPDX-License-Identifier: Apache-2.0
# The names that other device plugins have for these things, each a command of package.json:
#   make deploy PLUGIN=gpu-plugin OVERLAY=health_sysfs REGISTRY=registry.example.com/plugins TAG=0.1.0
#   make deploy RESOURCE_NAME=example.com/gpu NUMBER_DEVICES=4

PLUGIN ?= simple-plugin

# Parameters of the manifest, which are set where make or the environment sets them.
PARAMETERS := VERBOSITY NAMESPACE PLUGIN_NAME RESOURCE_NAME NUMBER_DEVICES \
	DEVICE_ID_PREFIX ANNOTATION_PREFIX ENV_PREFIX DEVICE_FILE_PREFIX VALUE_STYLE

quote = '$(subst ','\'',$(1))'
option = $(if $($(2)),$(1) $(call quote,$($(2))))
images = $(call option,--registry,REGISTRY) $(call option,--tag,TAG)
deployment = $(call quote,$(PLUGIN)) $(call option,--overlay,OVERLAY) $(images) \
	$(foreach name,$(PARAMETERS),$(if $($(name)),--set $(call quote,$(name)=$($(name)))))

.PHONY: all build test lint format generate e2e image images deploy undeploy clean

all: build

build test lint format generate e2e:
	npm run $@

image images:
	npm run image -- $(call quote,$(PLUGIN)) $(images)

deploy undeploy:
	npm run $@ -- $(deployment)

clean:
	rm -rf dist coverage
