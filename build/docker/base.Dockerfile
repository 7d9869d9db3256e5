# SPDX-License-Identifier: Apache-2.0
# A base as the distroless one of Node.js, of files that `npm run image -- --local-base` has laid out: neither a registry nor a
# daemon is needed. Its two layers are those that all plugins share.
FROM scratch
COPY system/ /
COPY node/ /
ENV PATH=/usr/local/bin:/nodejs/bin
ENTRYPOINT ["/nodejs/bin/node"]
