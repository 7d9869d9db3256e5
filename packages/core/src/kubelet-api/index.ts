// SPDX-License-Identifier: Apache-2.0
/**
 * The kubelet's gRPC contracts, generated from `packages/core/proto`: for testkit and end-to-end tests.
 * Plugin authors need none of this; their types come from the package's main entry.
 */
export * from './constants.ts';
export * as deviceplugin from './deviceplugin.ts';
export * as pluginregistration from './pluginregistration.ts';
