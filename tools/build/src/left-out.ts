// SPDX-License-Identifier: Apache-2.0
import type { Metafile, Plugin } from 'esbuild';

/**
 * What bundled libraries load and we never call. Each is replaced by an object that throws as soon as anything of it is used,
 * so a library that begins to use it fails in the first test of a bundle instead of misbehaving.
 */
const leftOut: readonly { readonly module: RegExp; readonly importer: string; readonly why: string }[] = [
  {
    module: /^\.\/make-client$/,
    importer: '/@grpc/grpc-js/',
    why: 'the client half of grpc-js, which its server loads for ORCA reports and channelz; both are off',
  },
  {
    module: /^@grpc\/proto-loader$/,
    importer: '/@grpc/grpc-js/',
    why: 'protobufjs and 100 kB of it, for the same two services; our messages are generated',
  },
  {
    module: /^@opentelemetry\/api$/,
    importer: '/@prometheus-io/client/',
    why: 'trace ids of exemplars, which are off',
  },
];

/** The esbuild plugin that leaves these out. */
export const leaveOut: Plugin = {
  name: 'leave-out',
  setup(bundle) {
    for (const { module, importer, why } of leftOut) {
      bundle.onResolve({ filter: module }, ({ path, importer: from }) =>
        from.includes(importer) ? { path, namespace: 'left-out', pluginData: why } : undefined,
      );
    }
    bundle.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path, pluginData }) => {
      const message = `${path} is not in this bundle: ${String(pluginData)}`;
      return { contents: `module.exports=new Proxy({},{get(){throw new Error(${JSON.stringify(message)})}})` };
    });
  },
};

/**
 * Refuses a bundle with the client half of grpc-js in it: that costs each start about 8 ms and 270 kB.
 *
 * @throws Error that names who imports it.
 */
export function requireServerHalf({ inputs }: Metafile): void {
  const client = Object.keys(inputs).find((path) => path.endsWith('@grpc/grpc-js/build/src/client.js'));
  if (client === undefined) return;
  const importers = Object.keys(inputs).filter((path) =>
    inputs[path]?.imports.some((imported) => /@grpc\/grpc-js\/build\/src\/(client|index)\.js$/.test(imported.path)),
  );
  throw new Error(
    `the client half of grpc-js is in the bundle, through ${importers.join(', ')}: import @grpc/grpc-js/build/src/server.js`,
  );
}
