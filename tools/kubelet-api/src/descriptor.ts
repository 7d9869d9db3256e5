// SPDX-License-Identifier: Apache-2.0

/** What of google.protobuf.FileDescriptorProto is read here, as buf writes it in JSON: what is empty is left out. */
export interface FileDescriptor {
  readonly package?: string;
  readonly dependency?: readonly string[];
  readonly syntax?: string;
  readonly messageType?: readonly DescriptorProto[];
  readonly enumType?: readonly EnumDescriptor[];
  readonly service?: readonly ServiceDescriptor[];
  readonly sourceCodeInfo?: { readonly location?: readonly Location[] };
}

export interface DescriptorProto {
  readonly name: string;
  readonly field?: readonly FieldDescriptor[];
  readonly nestedType?: readonly DescriptorProto[];
  readonly reservedRange?: readonly { readonly start: number; readonly end: number }[];
  readonly reservedName?: readonly string[];
  readonly options?: { readonly mapEntry?: boolean };
}

export interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  /** `TYPE_STRING`, and for `TYPE_MESSAGE` and `TYPE_ENUM` its name in {@link typeName}. */
  readonly type: string;
  /** `.v1beta1.Device` */
  readonly typeName?: string;
  readonly proto3Optional?: boolean;
  readonly options?: { readonly deprecated?: boolean };
}

export interface EnumDescriptor {
  readonly name: string;
  readonly value?: readonly { readonly name: string; readonly number: number }[];
}

export interface ServiceDescriptor {
  readonly name: string;
  readonly method?: readonly MethodDescriptor[];
}

export interface MethodDescriptor {
  readonly name: string;
  readonly inputType: string;
  readonly outputType: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

/** Where something is declared: the numbers of the fields of FileDescriptorProto that lead to it, with their indexes. */
export interface Location {
  readonly path?: readonly number[];
  readonly leadingComments?: string;
}
