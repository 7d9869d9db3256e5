// SPDX-License-Identifier: Apache-2.0

/** A field as it is declared. */
export interface Field {
  readonly name: string;
  readonly number: number;
  /** As in a .proto file: `string`, `repeated Mount`, `map<string, string>`, `optional int32`. */
  readonly type: string;
  readonly deprecated: boolean;
  readonly comment: string;
}

export interface Message {
  readonly name: string;
  readonly fields: readonly Field[];
  /** Numbers and names that must not be used again, as they are declared: `4`, `6 to 8`, `"health"`. */
  readonly reserved: readonly string[];
  readonly comment: string;
}

export interface EnumValue {
  readonly name: string;
  readonly number: number;
  readonly comment: string;
}

export interface Enum {
  readonly name: string;
  readonly values: readonly EnumValue[];
  readonly comment: string;
}

export interface Rpc {
  readonly name: string;
  /** Request and response, each with `stream` before it where it is one. */
  readonly request: string;
  readonly response: string;
  readonly comment: string;
}

export interface Service {
  readonly name: string;
  readonly rpcs: readonly Rpc[];
  readonly comment: string;
}

/** All that a .proto file declares, in its order. Comments are what stands in the lines before, without slashes. */
export interface Contract {
  readonly package: string;
  /** Of the first line: licence, and what the file is. */
  readonly comment: string;
  readonly services: readonly Service[];
  readonly messages: readonly Message[];
  readonly enums: readonly Enum[];
}
