// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { divertRemarks, type Remark, RemarkLog } from './remark-log.ts';

const leftOut = (...subjects: readonly string[]): readonly Remark[] =>
  subjects.map((subject) => ({ message: 'device is left out', subject, reason: 'it has no driver' }));

function told(tellings: readonly (readonly Remark[])[], verbosity = 1): readonly string[] {
  using log = new CapturedLog(verbosity);
  const remarks = new RemarkLog();
  for (const telling of tellings) remarks.tell(telling);
  // Without time, process and place.
  return log.lines.map((line) => line.trim().replace(/^(.)[^\]]*\] /, '$1 '));
}

describe('RemarkLog', () => {
  it('tells of each subject once, and once when the remark no longer holds', () => {
    expect(told([leftOut('a'), leftOut('a'), leftOut('b', 'a'), leftOut('b'), leftOut('a', 'b')])).toEqual([
      'W "device is left out" subject="a" reason="it has no driver"',
      'W "device is left out" subject="b" reason="it has no driver"',
      'I "no longer" what="device is left out" subject="a" reason="it has no driver"',
      'W "device is left out" subject="a" reason="it has no driver"',
    ]);
  });

  it('tells whoever takes its place what the log would not see, until that is undone', () => {
    const taken: unknown[] = [];
    const remarks = new RemarkLog();
    const undo = divertRemarks((told, teller) => taken.push(told, teller));
    using log = new CapturedLog();
    remarks.tell(leftOut('a'));
    expect(taken).toEqual([leftOut('a'), remarks]);
    expect(log.lines).toEqual([]);
    undo();
    remarks.tell(leftOut('b'));
    expect(taken).toHaveLength(2);
    expect(log.lines).toHaveLength(1);
  });

  it('tells again when the reason is another', () => {
    const other = [{ message: 'device is left out', subject: 'a', reason: 'its driver is uio' }];
    expect(told([leftOut('a'), other])).toEqual([
      'W "device is left out" subject="a" reason="it has no driver"',
      'W "device is left out" subject="a" reason="its driver is uio"',
      'I "no longer" what="device is left out" subject="a" reason="it has no driver"',
    ]);
  });

  it('has one line for all that have the same reason, which names ten of them', () => {
    const many = leftOut(...Array.from({ length: 64 }, (_, index) => `vf${index}`));
    const [line = '', ...others] = told([many]);
    expect(others).toEqual([]);
    expect(line).toMatch(/^W "device is left out" count=64 first=\[.*"vf9"\] reason="it has no driver"$/);
  });

  it('tells of few once more when most of many are gone', () => {
    expect(told([leftOut('a', 'b', 'c'), leftOut('c')]).at(-1)).toBe(
      'I "no longer" what="device is left out" count=2 first=["a","b"] reason="it has no driver"',
    );
  });

  it.each([
    ['info', 1, 'I "device is left out" subject="a" reason="r"'],
    ['detail', 2, 'I "device is left out" subject="a" reason="r"'],
    ['detail', 1, undefined],
  ] as const)('tells a remark of level %s at -v %d as %j', (level, verbosity, line) => {
    const remark = { message: 'device is left out', subject: 'a', reason: 'r', level };
    const lines = told([[remark], []], verbosity);
    expect(lines[0]).toBe(line);
    expect(lines).toHaveLength(line === undefined ? 0 : 2);
  });
});
