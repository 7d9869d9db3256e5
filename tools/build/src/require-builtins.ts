// SPDX-License-Identifier: Apache-2.0
import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * The esbuild plugin that takes Node's own modules by require() instead of import.
 *
 * An import of a builtin as a module reads every export of it, also those that nobody named, and some are getters that load
 * half of Node: WebSocket of node:http is all of undici, 33 ms and 3 MiB. Written as constants that nothing else touches,
 * the exports that are not used fall away.
 */
export const requireBuiltins: Plugin = {
  name: 'require-builtins',
  setup(bundle) {
    bundle.onResolve({ filter: /^(node:)?[a-z][a-z0-9_/]*$/ }, ({ path, kind, namespace, importer }) => {
      const name = path.replace(/^node:/, '');
      if (!builtinModules.includes(name)) return undefined;
      if (isRarelyUsed(name, importer)) return { path: `node:${name}`, namespace: 'rare-builtin' };
      if (/builtin$/.test(namespace) || kind === 'require-call') {
        return { path: `node:${name}`, external: true };
      }
      return {
        path: `node:${name}`,
        namespace: kind === 'dynamic-import' ? 'lazy-builtin' : 'builtin',
        sideEffects: false,
      };
    });
    bundle.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: builtinText(path) }));
    bundle.onLoad({ filter: /.*/, namespace: 'rare-builtin' }, ({ path }) => ({
      contents: `module.exports=new Proxy({},{get:(_,name)=>require(${JSON.stringify(path)})[name]})`,
    }));
    bundle.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => ({
      contents: `module.exports=require(${JSON.stringify(path)})`,
    }));
  },
};

/** grpc-js loads zlib, 2 ms of CPU, for compressed messages, which no kubelet sends. It takes a function from it when it needs one. */
function isRarelyUsed(builtin: string, importer: string): boolean {
  return builtin === 'zlib' && importer.includes('/@grpc/grpc-js/');
}

function builtinText(path: string): string {
  const exported = Object.keys(process.getBuiltinModule(path) as object).filter(
    (key) => identifier.test(key) && key !== 'default',
  );
  return [
    `const builtin=/*@__PURE__*/require(${JSON.stringify(path)});export default builtin;`,
    ...exported.map((key) => `const _${key}=/*@__PURE__*/(()=>builtin.${key})();export{_${key} as ${key}};`),
  ].join('\n');
}

const identifier = /^[A-Za-z_$][\w$]*$/;
