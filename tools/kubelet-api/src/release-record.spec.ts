// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseRelease, recordRelease } from './release-record.ts';
import { UpdateError } from './update-error.ts';

const page =
  '# Kubelet\n\nText.\n\n## Releases\n\nText.\n\n- v1.37.0: the first\n- v1.38.1: nothing is different\n\n## After\n';

describe('parseRelease()', () => {
  it.each([
    ['v1.38.0', [1, 38, 0]],
    ['1.38', [1, 38, 0]],
    ['v1.38.2-rc.1', [1, 38, 2]],
    ['v1', undefined],
    ['v1.38.0; rm', undefined],
    ['v1.38.0\n- v9.9.9: x', undefined],
    ['', undefined],
  ])('reads %j as %j', (text, release) => {
    expect(parseRelease(text)).toEqual(release);
  });
});

describe('recordRelease()', () => {
  it('adds an item below the last one, and nothing else', () => {
    const line = '- v1.39.0: `+ Device.owner: string, number 4`, `- Mount.read_only`\n';
    const changes = ['+ Device.owner: string, number 4', '- Mount.read_only'];
    expect(recordRelease(page, 'v1.39.0', changes, false)).toBe(page.replace('\n\n## After', `\n${line}\n## After`));
  });

  it('says so when nothing is different', () => {
    expect(recordRelease(page, 'v1.38.2', [], false)).toContain('\n- v1.38.2: nothing is different\n');
  });

  it.each(['v1.38.1', 'v1.38.0', '1.9', 'v0.40.0'])('takes %s, which is not newer, only by force', (release) => {
    expect(() => recordRelease(page, release, [], false)).toThrow(/that of v1\.38\.1 already.*--force/);
    expect(recordRelease(page, release, [], true)).toContain(`\n- ${release}: `);
  });

  it.each(['', '# Kubelet\n', '## Releases\n\nNone.\n'])('does not know where in %j', (text) => {
    expect(() => recordRelease(text, 'v1.39.0', [], true)).toThrow(UpdateError);
  });
});
