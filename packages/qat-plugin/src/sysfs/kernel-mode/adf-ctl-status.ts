// SPDX-License-Identifier: Apache-2.0

/** A device as `adf_ctl status` names it. */
export interface AdfDevice {
  /** `dev<inst_id>`, the number that names the device's configuration file; not that of `qat_dev<n>`. */
  readonly id: string;
  /** Name of its driver: `c6xx`, `c6xxvf`. */
  readonly type: string;
  /** PCI address as it is printed: some versions leave out the domain. */
  readonly address: string;
  readonly isUp: boolean;
}

/**
 * The devices in the output of `adf_ctl status`. What is no line of a device, such as the banner, is passed over, and so is a line that
 * lacks a part or whose type could not be the name of a directory.
 *
 * Source: QAT 1.7 driver, adf_ctl: `qat_dev0 - type: c6xx,  inst_id: 0,  node_id: 0,  bsf: 0000:3b:00.0,  #accel: 5 #engines: 10 state: up`.
 */
export function parseAdfCtlStatus(output: string): AdfDevice[] {
  return output.split('\n').flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): AdfDevice | undefined {
  // The lengths are bounded so that no line takes more than linear time.
  const fields = new Map(
    [...line.matchAll(/\b([a-z_]{1,16}):[ \t]{0,8}([!-+\--~]{1,64})/g)].map(([, key, value]) => [key, value] as const),
  );
  const [type = '', instance = '', address = ''] = ['type', 'inst_id', 'bsf'].map((key) => fields.get(key));
  const [, state] = /\bstate:[ \t]{0,8}([A-Za-z]{1,32})[ \t\r]{0,8}$/.exec(line) ?? [];
  const isDevice = /^[a-z\d][\w-]*$/i.test(type) && /^\d{1,6}$/.test(instance) && isAddress(address);
  if (!isDevice || state === undefined) return undefined;
  return { id: `dev${Number(instance)}`, type, address, isUp: state === 'up' };
}

/** A PCI address with or without its domain. */
function isAddress(text: string): boolean {
  return /^([\da-f]{4,8}:)?[\da-f]{2}:[\da-f]{2}\.[\da-f]$/i.test(text);
}
