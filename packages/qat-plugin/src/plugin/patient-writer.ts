// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, log } from '@kube-device-plugins/core';
import type { HostWriter } from './host-writer.ts';

/**
 * A writer that tells of each write before it does it, warns of one that takes long, and waits no longer once `signal` aborts:
 * the kernel ends a write when it wants to, and unbinding waits for whoever uses the device.
 *
 * Its `write` rejects with `HOST_UNWRITABLE` when `signal` aborts; the kernel may still do what was written.
 */
export function patientWriter(
  writer: HostWriter,
  signal: AbortSignal,
  tell: (path: string, text: string) => void,
): HostWriter {
  return {
    async write(path, text) {
      if (signal.aborted) throw stopped(path);
      tell(path, text);
      const { promise: stop, reject } = Promise.withResolvers<never>();
      const abort = (): void => {
        reject(stopped(path));
      };
      signal.addEventListener('abort', abort);
      const warning = setTimeout(() => {
        log.warn('still waiting for the kernel to take what was written', { path, text });
      }, longWriteMs);
      try {
        await Promise.race([writer.write(path, text), stop]);
      } finally {
        clearTimeout(warning);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

/** Binding resets a device, which takes some 100 ms (PCI Express Base Specification, Function Level Reset). */
export const longWriteMs = 2_000;

function stopped(path: string): DevicePluginError {
  return new DevicePluginError('HOST_UNWRITABLE', `stopped by a signal, not waiting for ${path}`);
}
