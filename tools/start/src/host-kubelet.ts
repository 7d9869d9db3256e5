// SPDX-License-Identifier: Apache-2.0
import { connect } from 'node:net';
import { join } from 'node:path';
import { kubeletSocketName } from '@kube-device-plugins/core/kubelet-api';

/** True when a process accepts connections on the registration socket in this directory. Nothing is sent to it. */
export async function kubeletAnswers(directory: string, limitMs = 500): Promise<boolean> {
  const socket = connect(join(directory, kubeletSocketName));
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  socket.setTimeout(limitMs, () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
