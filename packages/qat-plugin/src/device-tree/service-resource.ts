// SPDX-License-Identifier: Apache-2.0

/**
 * The resource of VFs with these services: `sym;asym` is `cy`, and the others are named in the order of the kernel, `sym-dc`.
 * Those without known services are `generic`. Upstream: cmd/qat_plugin/dpdkdrv, whose names pods ask for.
 */
export function serviceResource(services: string): string {
  if (services === '') return 'generic';
  const name = services.replaceAll(';', '-');
  return name === 'sym-asym' || name === 'asym-sym' ? 'cy' : name;
}
