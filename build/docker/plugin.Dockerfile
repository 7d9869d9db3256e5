# SPDX-License-Identifier: Apache-2.0
# The image of any plugin. `npm run image -- gpu-plugin` builds it with docker, podman or buildah; by hand:
#   docker build -f build/docker/plugin.Dockerfile --build-arg PLUGIN=gpu-plugin -t intel-gpu-plugin .
# It ends as its base and one layer with the programs: docs/guides/build-images.md.

# Any Linux with Node.js 24 and npm.
ARG BUILD_IMAGE=node:24-trixie-slim
# Node.js 24 or newer at /nodejs/bin/node, and what it is linked with. Pin it by its digest: …@sha256:…
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian13:latest
# Where the last layer comes from. `assembled`: all of it is made here. `given`: of dist/, as npm run image has built it.
# `prepared`: the context is the layer, which npm run image has put together for an architecture of which nothing can be run here.
ARG LAYER=assembled

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS built
ARG PLUGIN
# A file with the certificates of a proxy, for this stage only.
ARG NODE_EXTRA_CA_CERTS=
WORKDIR /src
COPY . .
RUN CI=true node tools/workspace.mjs build --projects "${PLUGIN},image"

# On the base itself, so that the Node that makes the code cache is the one that uses it; there is no shell, and none is needed.
# Not for another architecture than that of the machine that builds: then there is no cache, and no emulator needed.
FROM --platform=$BUILDPLATFORM ${BASE_IMAGE} AS assembled
ARG PLUGIN
ARG KIND=plugin
ARG TARGETARCH
COPY --from=built /src/dist /dist
RUN ["/nodejs/bin/node", "/dist/image/assemble.mjs", "/dist", "/image"]

FROM ${BASE_IMAGE} AS given
ARG PLUGIN
ARG KIND=plugin
ARG TARGETARCH
COPY dist /dist
RUN ["/nodejs/bin/node", "/dist/image/assemble.mjs", "/dist", "/image"]

FROM scratch AS prepared
COPY . /image

FROM ${LAYER} AS layer
# A step, for buildah 1.28 fails when one stage is nothing but another.
WORKDIR /image

FROM ${BASE_IMAGE}
ARG PLUGIN
ARG NAME=${PLUGIN}
ARG DESCRIPTION="Kubernetes device plugin"
ARG VERSION=0.1.0
ARG REVISION
ARG BASE_IMAGE
COPY --from=layer /image/ /
# The kubelet's directory of sockets is root's: no other user can make one there. A DaemonSet takes every capability from this root.
USER 0:0
# No list of the web's authorities: as soon as node:http2 is loaded, Node would parse one of 140 certificates, a tenth of the CPU of a start.
# What is fetched by https is checked with a file that its flag names.
# One arena of malloc: a plugin is one thread, and each further arena is a megabyte.
ENV NODE_OPTIONS=--use-openssl-ca MALLOC_ARENA_MAX=1
LABEL org.opencontainers.image.title="${NAME}" \
      org.opencontainers.image.description="${DESCRIPTION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"
# Also at /usr/local/bin under the name that upstream gives it. Its first line names Node and its flag.
ENTRYPOINT ["/app/main.mjs"]
