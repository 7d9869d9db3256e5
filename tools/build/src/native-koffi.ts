// SPDX-License-Identifier: Apache-2.0
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * The esbuild plugin for koffi, in the place of its own loader, which looks for its native half in node_modules. The one for this
 * machine becomes a file beside the programs that use it, `koffi.node`; a program that does not use it has nothing of it.
 */
export const nativeKoffi: Plugin = {
  name: 'native-koffi',
  setup(bundle) {
    const { platform, arch } = process;
    const native = `@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`;
    bundle.onLoad({ filter: /\/node_modules\/koffi\/index\.js$/ }, ({ path }) => ({
      contents: `export default require(${JSON.stringify(native)})`,
      resolveDir: dirname(path),
    }));
  },
};
