// SPDX-License-Identifier: Apache-2.0

/**
 * What tells one device from another in the names that udev makes, in a path or in a text with paths. A name with a wildcard is none of them.
 *
 * Source: systemd, rules.d/60-persistent-storage.rules, 60-serial.rules and 60-persistent-input.rules: `<bus>-<model>_<serial>`, behind which are
 * interface, port, partition, or `_<namespace>` of NVMe; lvm2 and mdadm have `dm-uuid-`, `lvm-pv-uuid-` and `md-uuid-` with nothing but the id.
 */
export function udevSerialNumbers(text: string): readonly string[] {
  return [...text.matchAll(udevName)].flatMap(([, directory, name = '']) => {
    const id = directory === 'by-id' ? serialOf(name) : name;
    return id.length >= (id === name ? minIdLength : minSerialLength) && /\d/.test(id) ? [id] : [];
  });
}

const udevName = /\/(by-id|by-uuid|by-partuuid)\/([^/\s'",*?[\]{}]+)(?![^/\s'",}\]])/g;

function serialOf(name: string): string {
  const device = name.replace(/-(?:if\d|port\d|part\d|event|video).*$/, '').replace(/_\d{1,3}$/, '');
  const behindModel = /_([^_]+)$/.exec(device)?.[1];
  return behindModel ?? device.replace(/^(?:dm-name|dm-uuid|lvm-pv-uuid|md-name|md-uuid|[a-z\d]+)-/, '');
}

/** Behind a model even a short one is a serial number; in the place of one, what is short is a name such as that of an interface. */
const [minSerialLength, minIdLength] = [4, 6];
