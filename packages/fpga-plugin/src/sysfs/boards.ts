// SPDX-License-Identifier: Apache-2.0

/** A PCI id of boards with FPGAs. */
export interface Board {
  /** `8086:09c4`. */
  readonly id: string;
  readonly name: string;
  readonly isVirtual?: boolean;
}

/**
 * The PCI ids that the drivers are for. One that is not among them and has a driver all the same is offered, with a remark.
 * Source: Linux, drivers/fpga/dfl-pci.c, cci_pcie_id_tbl; the names are those of the boards that carry the ids.
 */
export const boards: readonly Board[] = [
  { id: '8086:bcbd', name: 'Xeon with integrated Arria 10, 5.x' },
  { id: '8086:bcbf', name: 'Xeon with integrated Arria 10, 5.x', isVirtual: true },
  { id: '8086:bcc0', name: 'Xeon with integrated Arria 10, 6.x' },
  { id: '8086:bcc1', name: 'Xeon with integrated Arria 10, 6.x', isVirtual: true },
  { id: '8086:09c4', name: 'PAC with Arria 10 GX' },
  { id: '8086:09c5', name: 'PAC with Arria 10 GX', isVirtual: true },
  { id: '8086:0b30', name: 'PAC N3000 (Arria 10 GT)' },
  { id: '8086:0b2b', name: 'PAC D5005 (Stratix 10 SX)' },
  { id: '8086:0b2c', name: 'PAC D5005 (Stratix 10 SX)', isVirtual: true },
  { id: '1c2c:1000', name: 'Silicom N5010 (Stratix 10 DX)' },
  { id: '1c2c:1001', name: 'Silicom N5011 (Stratix 10 DX)' },
  { id: '8086:bcce', name: 'OFS: N6000, N6001 and C6100 (Agilex 7), D5005' },
  { id: '8086:bccf', name: 'OFS: N6000, N6001 and C6100 (Agilex 7)', isVirtual: true },
];

/** The board with this PCI id, as two texts of sysfs such as `0x8086`. */
export function boardOf(vendor: string, device: string): Board | undefined {
  const id = pciId(vendor, device);
  return boards.find((board) => board.id === id);
}

/** `0x8086` and `0x09C4` are `8086:09c4`. */
export function pciId(vendor: string, device: string): string {
  return [vendor, device].map((text) => text.toLowerCase().replace(/^0x/, '')).join(':');
}
