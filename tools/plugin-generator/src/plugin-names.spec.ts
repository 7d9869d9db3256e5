// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { pluginNames } from './plugin-names.ts';

describe('pluginNames()', () => {
  it('makes everything of the name alone', () => {
    expect(pluginNames({ name: 'npu' }, '1.2.3')).toEqual({
      name: 'npu',
      Name: 'Npu',
      camelName: 'npu',
      plugin: 'npu-plugin',
      namespace: 'npu.intel.com',
      resource: 'accel',
      vendorId: '8086',
      class: 'accel',
      vendor: 'intel',
      image: 'intel-npu-plugin',
      entrypoint: 'intel_npu_device_plugin',
      version: '1.2.3',
    });
  });

  it('takes what it is given', () => {
    const options = { name: 'fast-nic-plugin', namespace: 'nic.example.org', vendorId: '0x15B3', class: 'net' };
    expect(pluginNames({ ...options, resource: 'port' }, '1.2.3')).toMatchObject({
      name: 'fast-nic',
      Name: 'FastNic',
      camelName: 'fastNic',
      plugin: 'fast-nic-plugin',
      vendorId: '15b3',
      resource: 'port',
      image: 'example-fast-nic-plugin',
      entrypoint: 'example_fast_nic_device_plugin',
    });
  });

  it.each([
    [{ name: 'Npu' }, '--name "Npu" cannot be used: give lower case letters'],
    [{ name: '../npu' }, '--name "../npu"'],
    [{ name: 'npu-' }, '--name "npu-"'],
    [{ name: 'npu', namespace: 'npu' }, '--namespace "npu" cannot be used: give a domain'],
    [
      { name: 'vpu', namespace: 'example.kubernetes.io' },
      '--namespace "example.kubernetes.io" cannot be used, for example.kubernetes.io/accel is in the domain kubernetes.io',
    ],
    [{ name: 'npu', namespace: 'requests.example.org' }, 'begins with "requests."'],
    [{ name: 'npu', resource: 'a/b' }, '--resource "a/b"'],
    [{ name: 'npu', vendorId: 'intel' }, '--vendor-id "intel" cannot be used: give four hexadecimal digits'],
    [{ name: 'npu', class: '../net' }, '--class "../net"'],
  ])('refuses %o', (options, message) => {
    expect(() => pluginNames(options, '1.2.3')).toThrow(message);
  });
});
