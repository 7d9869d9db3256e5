// SPDX-License-Identifier: Apache-2.0
/** The files of `-config`: for plugins with keys of their own, and for programs that check files. */
export { faultText, openConfigDocument, parseConfigDocument, rejectProblems } from './config/config-document.ts';
export type { ConfigDocument, Fault } from './config/config-document.ts';
export { ConfigValue, keyOf, rejectRepeats, type ConfigPath, type Problem } from './config/config-value.ts';
export { checkSchema, optional, type Schema, type TextCheck } from './config/schema.ts';
export { readConfig, type Config, type ConfigSpec } from './config/read-config.ts';
export { commandLineSources, pluginConfigSpec } from './config/plugin-config.ts';
export { pluginSchema, processSchema } from './config/published-schema.ts';
export { ConfigFile } from './config/config-file.ts';
export { hostedFlagsFaults, pluginConfigFaults, processConfigFaults } from './supervise/file-faults.ts';
