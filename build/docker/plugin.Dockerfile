# SPDX-License-Identifier: Apache-2.0
# The image of any plugin: docker build -f build/docker/plugin.Dockerfile --build-arg PLUGIN=simple-plugin .
# It ends as the pinned Node, the libraries Node is linked with, one bundle and nothing else: no shell, no package manager.

# Any Debian with Node 20 or newer and npm: it builds, and gives the libraries that Node is linked with.
ARG BUILD_IMAGE=node:24-bookworm-slim

FROM ${BUILD_IMAGE} AS build
ARG PLUGIN
# A file with the certificates of a proxy, for this stage only.
ARG NODE_EXTRA_CA_CERTS
WORKDIR /src
COPY . .
RUN : "${PLUGIN:?name the plugin: --build-arg PLUGIN=simple-plugin}" \
 && CI=true node tools/workspace.mjs build --projects "${PLUGIN}"
# Node knows no user database and no time zones; what it needs of a system is this.
RUN node="$(echo node_modules/node-linux-*/bin/node)" \
 && mkdir -p /image/usr/local/bin /image/app /image/licenses \
 && cp "${node}" /image/usr/local/bin/node \
 && cp "$(dirname "${node}")/../LICENSE" /image/licenses/node.txt \
 && ldd "${node}" | grep -o '/[^ ]*' | xargs cp --parents --dereference --target-directory=/image \
 && ldd "${node}" | grep -o '/[^ ]*' | xargs -n 1 basename | sed 's|^|*/|' | xargs dpkg-query --search | cut -d: -f1 | sort -u \
      | xargs -I '{}' cp '/usr/share/doc/{}/copyright' '/image/licenses/{}.txt' \
 && cp LICENSE /image/licenses/kube-device-plugins.txt \
 && cp -R "dist/${PLUGIN}/." /image/app/

FROM scratch
ARG PLUGIN
ARG VERSION=0.1.0
ARG REVISION
COPY --from=build /image/ /
# The cache holds as long as Node and the processor's features are the same; otherwise Node compiles, as without it.
# One arena of malloc: a plugin is one thread, and each further arena is a megabyte.
ENV NODE_COMPILE_CACHE=/app/compile-cache NODE_COMPILE_CACHE_PORTABLE=1 MALLOC_ARENA_MAX=1
LABEL org.opencontainers.image.title="${PLUGIN}" \
      org.opencontainers.image.description="Kubernetes device plugin" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
# A small young generation: without it, memory after many allocations is threefold.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=1", "/app/main.mjs"]
