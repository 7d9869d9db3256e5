// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { udevSerialNumbers } from './udev-serial-numbers.ts';

describe('udevSerialNumbers()', () => {
  it.each([
    ['dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A5004GYX-if00-port0', ['A5004GYX']],
    ['dev/disk/by-id/nvme-Samsung_SSD_970_S466NX0M123456', ['S466NX0M123456']],
    ['dev/disk/by-id/nvme-Samsung_SSD_970_S466NX0M123456_1-part2', ['S466NX0M123456']],
    ['dev/disk/by-id/scsi-3600508b400105e210000900000490000', ['3600508b400105e210000900000490000']],
    ['dev/disk/by-id/nvme-nvme.8086-50484b53-494e54454c-00000001', ['nvme.8086-50484b53-494e54454c-00000001']],
    ['dev/disk/by-id/dm-uuid-LVM-aBcDeFgHiJkLmNoPqRsTuVwXyZ012345', ['LVM-aBcDeFgHiJkLmNoPqRsTuVwXyZ012345']],
    ['dev/disk/by-id/md-uuid-c1e9a2b4:11112222:33334444:55556666', ['c1e9a2b4:11112222:33334444:55556666']],
    ['dev/disk/by-id/virtio-SECRET99', ['SECRET99']],
    ['dev/disk/by-uuid/1A2B-3C4D', ['1A2B-3C4D']],
    ['dev/disk/by-partuuid/deadbeef-01', ['deadbeef-01']],
    ["a: '/dev/disk/by-uuid/1A2B-3C4D', b: /dev/disk/by-id/ata-X_AB12}", ['1A2B-3C4D', 'AB12']],
    ['dev/disk/by-id/dm-name-vg-root', []],
    ['dev/input/by-id/usb-Logitech_Receiver-event-mouse', []],
    ['/dev/serial/by-id/usb-FTDI_FT232R*', []],
    ['/dev/serial/by-id/usb-FTDI_FT232R[1-3]', []],
    ['dev/dri/by-path/pci-0000:03:00.0-card', []],
  ])('finds in %s %j', (text, expected) => {
    expect(udevSerialNumbers(text)).toEqual(expected);
  });
});
