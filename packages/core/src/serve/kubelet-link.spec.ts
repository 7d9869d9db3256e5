// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { KubeletLink } from './kubelet-link.ts';

describe('KubeletLink', () => {
  const kubelet = { name: 'kubelet' };
  const tool = { name: 'tool' };

  it('is open while the stream is, on the connection that asked for the options', () => {
    const link = new KubeletLink();
    link.optionsAsked(kubelet);
    expect(link.isOpen).toBe(false);
    const ended = link.streamOpened(kubelet);
    expect(link.isOpen).toBe(true);
    ended?.();
    expect(link.isOpen).toBe(false);
  });

  it('takes no notice of a stream on another connection', () => {
    const link = new KubeletLink();
    link.optionsAsked(kubelet);
    expect(link.streamOpened(tool)).toBeUndefined();
    const ended = link.streamOpened(kubelet);
    expect(link.streamOpened(tool)).toBeUndefined();
    ended?.();
    expect(link.isOpen).toBe(false);
  });

  it('does not let a tool that asks for the options take the place of the kubelet', () => {
    const link = new KubeletLink();
    link.optionsAsked(kubelet);
    link.streamOpened(kubelet);
    link.optionsAsked(tool);
    expect(link.streamOpened(tool)).toBeUndefined();
    expect(link.isOpen).toBe(true);
  });

  it('counts two streams on one connection', () => {
    const link = new KubeletLink();
    link.optionsAsked(kubelet);
    const first = link.streamOpened(kubelet);
    const second = link.streamOpened(kubelet);
    first?.();
    expect(link.isOpen).toBe(true);
    second?.();
    expect(link.isOpen).toBe(false);
  });

  it('takes the next kubelet after a restart', () => {
    const link = new KubeletLink();
    link.optionsAsked(kubelet);
    link.streamOpened(kubelet)?.();
    link.expectNew();
    const next = {};
    link.optionsAsked(next);
    expect(link.streamOpened(next)).toBeDefined();
    expect(link.isOpen).toBe(true);
  });

  it('takes the first stream of a client that did not ask for the options, when nobody else did', () => {
    const link = new KubeletLink();
    link.expectNew();
    expect(link.streamOpened(kubelet)).toBeDefined();
  });

  it('works without connections to tell apart: then the first stream counts', () => {
    const link = new KubeletLink();
    link.optionsAsked(undefined);
    const ended = link.streamOpened(undefined);
    expect(link.streamOpened(undefined)).toBeUndefined();
    ended?.();
    expect(link.isOpen).toBe(false);
    expect(link.streamOpened(undefined)).toBeDefined();
  });

  it('tells of each stream that opens or ends, until told not to', () => {
    const link = new KubeletLink();
    const heard: boolean[] = [];
    const leave = link.subscribe(() => heard.push(link.isOpen));
    link.streamOpened(kubelet)?.();
    leave();
    link.streamOpened(kubelet);
    expect(heard).toEqual([true, false]);
  });
});
