// SPDX-License-Identifier: Apache-2.0

/** A struct of the kernel's: its fields in order. Every one of these has its size as the first field, `argsz`. */
export type StructLayout = readonly (readonly [name: string, type: FieldType])[];

type FieldType = 'u32' | 'i32' | 'u64';

/** The names of the fields of a layout. */
export type FieldOf<L extends StructLayout> = L[number][0];

const fieldBytes: Readonly<Record<FieldType, number>> = { u32: 4, i32: 4, u64: 8 };

/** Bytes of a struct. Its fields are aligned as they stand: every u64 of the table falls on a multiple of 8. */
export function structBytes(layout: StructLayout): number {
  return layout.reduce((bytes, [, type]) => bytes + fieldBytes[type], 0);
}

/** Where a field begins. */
export function fieldOffset<L extends StructLayout>(layout: L, name: FieldOf<L>): number {
  return structBytes(
    layout.slice(
      0,
      layout.findIndex(([field]) => field === name),
    ),
  );
}

/** The struct with these values, `argsz` as the driver wants it and everything else 0. */
export function encodeStruct<L extends StructLayout>(
  layout: L,
  values: Partial<Readonly<Record<FieldOf<L>, number | bigint>>> = {},
): Buffer {
  const bytes = Buffer.alloc(structBytes(layout));
  const all: Readonly<Record<string, number | bigint>> = { argsz: bytes.length, ...values };
  for (const [name, type] of layout) {
    const value = all[name] ?? 0;
    const offset = fieldOffset(layout, name);
    if (type === 'u64') bytes.writeBigUInt64LE(BigInt(value), offset);
    else if (type === 'u32') bytes.writeUInt32LE(Number(value), offset);
    else bytes.writeInt32LE(Number(value), offset);
  }
  return bytes;
}

/** The values in the bytes of a struct. */
export function decodeStruct<L extends StructLayout>(layout: L, bytes: Buffer): Readonly<Record<FieldOf<L>, bigint>> {
  const values = layout.map(([name, type]) => {
    const offset = fieldOffset(layout, name);
    if (type === 'u64') return [name, bytes.readBigUInt64LE(offset)];
    return [name, BigInt(type === 'u32' ? bytes.readUInt32LE(offset) : bytes.readInt32LE(offset))];
  });
  return Object.fromEntries(values) as Readonly<Record<FieldOf<L>, bigint>>;
}
