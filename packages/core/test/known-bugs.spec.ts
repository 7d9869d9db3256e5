// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type TestName = readonly [file: string, title: string];

const defectShapes = 'test/defect-shapes.spec.ts';
const allocation = 'test/allocation.spec.ts';
const registration = 'test/registration.spec.ts';
const manager = 'test/manager.spec.ts';
const managerEnd = 'test/manager-end.spec.ts';
const listStream = 'src/serve/list-stream.spec.ts';
const listeningSocket = 'src/serve/listening-socket.spec.ts';
const defaultAllocate = 'src/serve/default-allocate.spec.ts';
const socketNames = 'test/socket-names.spec.ts';
const endurance = 'test/endurance.spec.ts';

/** Bugs that other device plugins shipped, and the tests that fail where this one has them. */
const knownBugs: Readonly<Record<string, readonly TestName[]>> = {
  // Shapes of defects, as read in the sources of other frameworks.
  'one map that all containers of a request share': [
    [defaultAllocate, 'answers each container by itself, in the order of the requests'],
    [defaultAllocate, 'hands out copies, so that postAllocate may edit them'],
    [defectShapes, 'gives what a plugin edits to the container that it is for'],
  ],
  'a device added to a copy': [[defectShapes, 'keeps every device that is added to a resource']],
  'a channel that nobody reads': [
    [defectShapes, 'goes on scanning while nobody listens, and tells the newest state first'],
  ],
  'state that belongs to a stream': [
    [allocation, 'answers before anybody has opened a stream'],
    [listStream, 'serves 50 streams, each of which ends up with the last list'],
  ],
  'closed, and then sent to': [[defectShapes, 'sends what changes after a stream was lost']],
  'a policy that never sees what must be included': [[defectShapes, 'shows a policy what must be included']],

  // Bugs in the wild, in the order of the list of facts about the kubelet.
  '1 no reaction when the stream dies and kubelet.sock stays': [
    [registration, 'follows when the kubelet ends its stream, also while somebody else still has one'],
  ],
  '2 a handler that does not notice the end of its stream': [
    [listStream, 'leaves nothing subscribed when clients leave, a thousand times'],
    [
      'test/robustness.spec.ts',
      'leave no handle and no memory behind in a thousand streams that are opened and cancelled',
    ],
  ],
  '3 streams that take the news away from each other': [
    [listStream, 'serves 50 streams, each of which ends up with the last list'],
  ],
  '4 a scan that waits for a reader': [
    [defectShapes, 'goes on scanning while nobody listens, and tells the newest state first'],
  ],
  '5 a server that a failed send stops': [
    [listStream, 'ends when a client goes away that does not read'],
    [defectShapes, 'sends what changes after a stream was lost'],
  ],
  '6 only one of the two sockets watched': [
    [registration, 'follows when kubelet.sock is another file'],
    [registration, 'follows when its own socket is removed, and nothing else (%s)'],
  ],
  '7 watched only after the registration': [
    [defectShapes, 'misses no restart of the kubelet while it starts'],
    [defectShapes, 'misses no restart of the kubelet while it registers'],
  ],
  '8 the file watched and not its directory': [[endurance, 'are all followed without a pause']],
  '9 blind when the directory is replaced': [
    [registration, 'follows when the plugin directory is replaced'],
    [managerEnd, 'gives up a plugin directory that can never come back'],
  ],
  '10 registered before it is served': [[defectShapes, 'answers before it registers']],
  '11 a stale socket in the way': [
    [listeningSocket, 'takes the place of a socket that nobody serves'],
    ['test/run-plugin.spec.ts', 'comes back after it was killed, over its own stale socket'],
  ],
  '12 the socket of a successor removed': [
    [listeningSocket, 'never removes the socket of a successor when it closes'],
    [listeningSocket, 'never removes a foreign socket that was renamed over it'],
  ],
  '13 two instances that fight for one name': [
    [socketNames, 'let an old and a new pod overlap: the resource is never gone'],
    [socketNames, 'come back when the end of the old pod disconnects the new one, as kubelets up to 1.36 do'],
  ],
  '14 the end of the process when the kubelet is late': [
    [registration, 'waits for a kubelet that is late'],
    [registration, 'goes on trying with a kubelet that refuses, and says why once'],
  ],
  '15 a first look without a driver, for ever': [
    [defectShapes, 'looks again when it found nothing, or could not look'],
  ],
  '16 a device that never recovers': [
    ['test/device-health.spec.ts', 'is logged with its reason, once for each change'],
  ],
  '17 health looked at for a stream only, or sent without a change': [
    [listStream, 'sends nothing when nothing changes'],
    [allocation, 'refuses devices that are unknown or unhealthy, and goes on'],
  ],
  '18 hotplug that only a new stream shows': [
    [manager, 'sends complete and sorted lists, and never an empty one while devices are known'],
  ],
  '19 NUMA node -1': [['src/device-tree.spec.ts', 'knows none where the firmware names none']],
  '20 a send that fails in silence': [
    [registration, 'follows each of 20 restarts of the kubelet, %s ones, and leaves nothing behind'],
  ],
  '21 a list of more than 4 MiB': [[manager, 'leaves out a list that is too large until it is not']],
  '22 a device given away that is not there, or not well': [
    [allocation, 'refuses devices that are unknown or unhealthy, and goes on'],
  ],
  '23 an id refused because it was given before': [
    [defaultAllocate, 'takes an id twice: in one request, in another container and at another time'],
  ],
  '24 an allocation that waits': [
    [defectShapes, 'answers an allocation while a scan takes its time'],
    [allocation, 'answers 200 calls at once, while lists change'],
  ],
  '25 a pod refused because a preference could not be told': [[defectShapes, 'has no preference where a policy fails']],
  '26 options that only Register tells': [
    ['test/capabilities.spec.ts', 'are told to the kubelet, and used, when the plugin has them'],
  ],
  '27 a name that makes no socket': [
    ['src/serve/socket-name.spec.ts', 'has a hash for a resource whose name is too long'],
    ['src/serve/socket-name.spec.ts', 'refuses a directory that has no room even for a hash'],
  ],
  '28 a CDI file that could not be written': [
    ['test/cdi.spec.ts', 'fails Allocate, and only that, when the file cannot be written'],
  ],
  '29 CDI devices asked for in annotations': [
    [defectShapes, 'asks for CDI devices in the field that is for them, and nowhere else'],
  ],
  '30 ids that change': [
    ['src/serve/device-list.spec.ts', 'gives equal inventories equal messages, whatever their order'],
  ],
  '31 one device under two resources': [[defectShapes, 'never lists a device twice that moves to another resource']],
  '32 a resource that was renamed and never emptied': [
    [manager, 'adds, changes and removes resources without disturbing the others'],
  ],
  '33 calls cut at the end, and a socket left behind': [
    [managerEnd, 'lets an allocation finish that is under way'],
    [managerEnd, 'ends streams, removes sockets and leaves no handle when it is aborted'],
  ],
  '34 pods that are there before the plugin': [
    ['test/run-plugin.spec.ts', 'serves metrics and health, and stops to'],
    [allocation, 'has been tried once when the first pod comes, and that is not counted'],
  ],
};

describe('each known bug has a test', () => {
  it.each(Object.entries(knownBugs))('%s', (_bug, tests) => {
    for (const [file, title] of tests) {
      const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
      const isTest = new RegExp(`(?:it\\(|\\)\\(\\s*)['"\`]${RegExp.escape(title)}`).test(text);
      expect([file, title, isTest]).toEqual([file, title, true]);
    }
  });

  it('has all thirty-four that are counted', () => {
    const numbers = Object.keys(knownBugs).flatMap((bug) => bug.match(/^\d+/)?.map(Number) ?? []);
    expect(numbers).toEqual(Array.from({ length: 34 }, (_, i) => i + 1));
  });
});
