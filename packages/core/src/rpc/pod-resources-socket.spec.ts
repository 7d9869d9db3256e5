// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { podResourcesSocketBeside } from './pod-resources-socket.ts';

describe('podResourcesSocketBeside()', () => {
  it.each(['/var/lib/kubelet/device-plugins/', '/var/lib/kubelet/device-plugins'])('takes %s', (path) => {
    expect(podResourcesSocketBeside(path)).toBe('/var/lib/kubelet/pod-resources/kubelet.sock');
  });
});
