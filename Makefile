# SPDX-License-Identifier: Apache-2.0
# The names that other device plugins have for these things, each a command of package.json:
#   make deploy PLUGIN=gpu-plugin OVERLAY=health_sysfs REGISTRY=registry.example.com/plugins TAG=0.1.0
#   make deploy RESOURCE_NAME=example.com/gpu NUMBER_DEVICES=4
#   make images IMAGE_FLAGS=--local-base

PLUGIN ?= simple-plugin

# Parameters of the manifest, which are set where make or the environment sets them.
PARAMETERS := VERBOSITY NAMESPACE PLUGIN_NAME RESOURCE_NAME NUMBER_DEVICES \
	DEVICE_ID_PREFIX ANNOTATION_PREFIX ENV_PREFIX DEVICE_FILE_PREFIX VALUE_STYLE

quote = '$(subst ','\'',$(1))'
option = $(if $($(2)),$(1) $(call quote,$($(2))))
images = $(call option,--registry,REGISTRY) $(call option,--tag,TAG)
deployment = $(call quote,$(PLUGIN)) $(call option,--overlay,OVERLAY) $(images) \
	$(foreach name,$(PARAMETERS),$(if $($(name)),--set $(call quote,$(name)=$($(name)))))

.PHONY: all help build test lint format generate e2e image images deploy undeploy clean

all: build

help:
	@echo 'make build | test | lint | format | generate | e2e | clean'
	@echo 'make image PLUGIN=gpu-plugin     the image of one plugin; make images: all of them, and init images'
	@echo 'make deploy PLUGIN=gpu-plugin    its manifests to the cluster; make undeploy: away again'
	@echo
	@echo 'image, images: REGISTRY, TAG, IMAGE_FLAGS (such as --local-base; npm run image -- --help)'
	@echo 'deploy, undeploy: REGISTRY, TAG, OVERLAY, and the parameters of the manifest:'
	@echo '  $(PARAMETERS)'
	@echo 'Without PLUGIN, it is $(PLUGIN).'

build test lint format generate e2e:
	npm run $@

image:
	npm run image -- $(call quote,$(PLUGIN)) $(images) $(IMAGE_FLAGS)

images:
	npm run image -- --all $(images) $(IMAGE_FLAGS)

deploy undeploy:
	npm run $@ -- $(deployment)

clean:
	rm -rf dist coverage
