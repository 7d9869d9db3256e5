# SPDX-License-Identifier: Apache-2.0
# The init container of the FPGA plugin, which installs the hook and the tool that program FPGAs in /opt/intel/fpga-sw of the node, with
# their Node.js: npm run image -- fpga-plugin --init
# Stages and arguments are those of plugin.Dockerfile, which explains them.

ARG BUILD_IMAGE=node:24-trixie-slim
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian13:latest
ARG LAYER=assembled

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS built
ARG PLUGIN=fpga-plugin
ARG TARGETARCH
ARG NODE_EXTRA_CA_CERTS=
WORKDIR /src
COPY . .
RUN CI=true node tools/workspace.mjs build --projects fpga-plugin,image \
 && node tools/image/src/natives/main.ts "${PLUGIN}" "${TARGETARCH}"

FROM --platform=$BUILDPLATFORM ${BASE_IMAGE} AS assembled
ARG PLUGIN=fpga-plugin
ARG KIND=init
ARG TARGETARCH
COPY --from=built /src/dist /dist
RUN ["/nodejs/bin/node", "/dist/image/assemble.mjs", "/dist", "/image"]

FROM ${BASE_IMAGE} AS given
ARG PLUGIN=fpga-plugin
ARG KIND=init
ARG TARGETARCH
COPY dist /dist
RUN ["/nodejs/bin/node", "/dist/image/assemble.mjs", "/dist", "/image"]

FROM scratch AS prepared
COPY . /image

FROM ${LAYER} AS layer
WORKDIR /image

FROM ${BASE_IMAGE}
ARG NAME=intel-fpga-initcontainer
ARG DESCRIPTION="Sets a node up for fpga-plugin"
ARG VERSION=0.1.0
ARG REVISION
ARG BASE_IMAGE
COPY --from=layer /image/ /
# The directory of the node is root's.
USER 0:0
ENV MALLOC_ARENA_MAX=1
LABEL org.opencontainers.image.title="${NAME}" \
      org.opencontainers.image.description="${DESCRIPTION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"
ENTRYPOINT ["/usr/local/bin/fpga-init"]
