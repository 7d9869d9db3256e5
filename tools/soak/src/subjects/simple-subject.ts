// SPDX-License-Identifier: Apache-2.0
import type { Slot, Subject } from './subject.ts';
import { commonFlags } from './subject.ts';

const deviceNode = 'c 1:3\n';
const count = 4;

/** A path that is named is listed as Unhealthy while it is missing, one that matches a pattern only while it is there. */
const resources = { named: 'soak.example.com/named', matched: 'soak.example.com/matched' };

const slots: readonly Slot[] = Object.entries(resources).flatMap(([kind, resource]) =>
  Array.from({ length: count }, (_, index): Slot => ({
    resource,
    id: `soak/${kind}-${index}`,
    states: ['well', kind === 'named' ? 'sick' : 'gone'],
  })),
);

/** simple-plugin with device nodes named one by one, and with a pattern; files stand for the nodes. */
export const simpleSubject: Subject = {
  name: 'simple-plugin',
  slots,
  // inotify tells within 100 ms; the next scan, when it does not.
  settleMs: 2_500,
  usesCdi: false,
  files: {
    'config.yaml': [
      'resources:',
      `  - name: ${resources.named}`,
      '    devices:',
      ...Array.from({ length: count }, (_, index) => `      - path: /dev/soak/named-${index}`),
      `  - name: ${resources.matched}`,
      '    devices:',
      '      - path: /dev/soak/matched-*',
      '',
    ].join('\n'),
  },
  tree: Object.fromEntries(slots.map((slot) => [pathOf(slot), deviceNode])),
  flags: (places) => [...commonFlags(places), `-config=${places.files}/config.yaml`, '-scan-period=2s'],
  put: async (host, index, state) => {
    const slot = slots[index];
    if (slot === undefined) return;
    if (state === 'well') await host.write(pathOf(slot), deviceNode);
    else await host.remove(pathOf(slot));
  },
  scanned: 'dev/soak',
};

function pathOf({ id }: Slot): string {
  return `dev/${id}`;
}
