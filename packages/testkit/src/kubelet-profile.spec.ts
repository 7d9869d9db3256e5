// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { kubeletProfiles, traitsOf } from './kubelet-profile.ts';

describe('traitsOf()', () => {
  /** The first release with a trait that is not yet in the one before it. */
  const changes = kubeletProfiles.slice(1).flatMap((profile, index) => {
    const [before, now] = [kubeletProfiles[index] ?? profile, profile].map((it) => Object.entries(traitsOf(it)));
    const changed = now?.filter(([name, value]) => Object.fromEntries(before ?? [])[name] !== value) ?? [];
    return changed.map(([name, value]) => `${profile} ${name}: ${value}`);
  });

  it('begins with 1.25', () => {
    expect(traitsOf('1.25')).toEqual({
      authority: 'socket path',
      clientKey: 'name',
      takesCdiDevices: false,
      podHealth: 'unknown',
      findsAnyInstance: false,
      listsFailedPods: true,
      podResourcesGet: 'unknown',
    });
  });

  it('changes with these releases', () => {
    expect(changes).toEqual([
      '1.26 authority: localhost',
      '1.27 podResourcesGet: off',
      '1.29 takesCdiDevices: true',
      '1.31 podHealth: off',
      '1.34 findsAnyInstance: true',
      '1.34 listsFailedPods: false',
      '1.34 podResourcesGet: on',
      '1.36 podHealth: on',
      '1.37 clientKey: name and socket',
    ]);
  });

  it.each([
    ['1.30', true, 'unknown'],
    ['1.31', true, 'on'],
    ['1.37', false, 'off'],
  ] as const)('takes the gate of pod health as it is set, where there is one: %s %s', (profile, isSet, podHealth) => {
    expect(traitsOf(profile, isSet)).toMatchObject({ podHealth });
  });
});
