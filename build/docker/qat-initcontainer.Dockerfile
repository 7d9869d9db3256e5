# SPDX-License-Identifier: Apache-2.0
# The init container of the QAT plugin, which sets a node up: npm run image -- qat-plugin --init
# Stages and arguments are those of plugin.Dockerfile, which explains them.

ARG BUILD_IMAGE=node:24-trixie-slim
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian13:latest
ARG LAYER=assembled

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS built
ARG NODE_EXTRA_CA_CERTS=
WORKDIR /src
COPY . .
RUN CI=true node tools/workspace.mjs build --projects qat-plugin,image

FROM --platform=$BUILDPLATFORM ${BASE_IMAGE} AS assembled
ARG PLUGIN=qat-plugin
ARG KIND=init
ARG TARGETARCH
COPY --from=built /src/dist /dist
RUN ["/nodejs/bin/node", "/dist/image/assemble.mjs", "/dist", "/image"]

FROM ${BASE_IMAGE} AS given
ARG PLUGIN=qat-plugin
ARG KIND=init
ARG TARGETARCH
COPY dist /dist
RUN ["/nodejs/bin/node", "/dist/image/assemble.mjs", "/dist", "/image"]

FROM scratch AS prepared
COPY . /image

FROM ${LAYER} AS layer
WORKDIR /image

FROM ${BASE_IMAGE}
ARG NAME=intel-qat-initcontainer
ARG DESCRIPTION="Sets a node up for qat-plugin"
ARG VERSION=0.1.0
ARG REVISION
ARG BASE_IMAGE
COPY --from=layer /image/ /
# Only root may write to sysfs, and this program does little else.
USER 0:0
ENV MALLOC_ARENA_MAX=1
LABEL org.opencontainers.image.title="${NAME}" \
      org.opencontainers.image.description="${DESCRIPTION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"
ENTRYPOINT ["/usr/local/bin/qat-init"]
