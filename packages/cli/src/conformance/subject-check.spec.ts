// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { ConformanceSubject } from '@kube-device-plugins/testkit';
import { checkSubject, unknownPlaceholder } from './subject-check.ts';

const good: ConformanceSubject = { command: ['plugin', '--dir={dir}'], resources: ['example.com/red'] };

describe('checkSubject()', () => {
  it.each<[string, Partial<ConformanceSubject>]>([
    ['a flag', {}],
    ['a variable', { command: ['plugin'], env: { DIR: '{dir}' } }],
    ['every placeholder', { command: ['plugin', '{dir}', '{cdi}', '{prefix}/x', '{inventory}'] }],
    ['those of other services', { command: ['plugin', '{dir}', '{podresources}', '{registry}', ':{port}'] }],
    ['braces of other languages', { command: ['sh', '-c', 'a ${dri} {a,b} {{dri}} {"dri":1} { print }', '{dir}'] }],
  ])('takes %s', (_, part) => {
    expect(() => checkSubject({ ...good, ...part })).not.toThrow();
  });

  it.each<[string, Partial<ConformanceSubject>, string]>([
    ['a fixed directory', { command: ['plugin'], env: { A: 'dir' } }, 'neither the command nor a variable has {dir}'],
    ['a fixed directory in the command alone', { command: ['plugin'] }, 'mount --bind'],
    ['a placeholder that is none', { command: ['plugin', '{dir}', '-x={dri}'] }, 'command: {dri} is no placeholder'],
    ['one of hooks', { command: ['plugin', '{dir}', '{id}'] }, 'there are {dir}, {cdi}, {prefix}, {inventory}'],
    ['one in the wrong command', { fatalCommand: ['plugin', '{config}'] }, 'fatalCommand: {config} is no placeholder'],
    [
      'one for the watcher',
      { watcherCommand: ['plugin', '{registryDir}', '{a}'] },
      'watcherCommand: {a} is no placeholder',
    ],
    ['one in a variable', { env: { A: '{dri}' } }, 'env.A: {dri} is no placeholder'],
    ['a resource without a domain', { resources: ['red'] }, 'resource red is no name'],
    ['a second resource that is wrong', { resources: ['a/b', 'a/b c'] }, 'resource a/b c is no name'],
  ])('refuses %s', (_, part, message) => {
    expect(() => checkSubject({ ...good, ...part })).toThrow(message);
  });
});

describe('unknownPlaceholder()', () => {
  it('finds the first that is not among those given', () => {
    expect(unknownPlaceholder(['{id}', 'a{dir}b{ids}c{x}'], ['id', 'dir'])).toBe('{ids}');
    expect(unknownPlaceholder(['{id}', '{}'], ['id'])).toBeUndefined();
  });
});
