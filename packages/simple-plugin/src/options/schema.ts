// SPDX-License-Identifier: Apache-2.0
import { checkSchema as checkWith, type ConfigValue, type Schema } from '@kube-device-plugins/core/config';
import { textFormats } from './text-format.ts';

export { optional, type Schema } from '@kube-device-plugins/core/config';

/** Rejects everything about a value, and what is below it, that its schema does not allow. */
export function checkSchema(value: ConfigValue, schema: Schema): void {
  checkWith(value, schema, textFormats);
}
