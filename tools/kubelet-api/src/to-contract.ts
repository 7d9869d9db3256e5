// SPDX-License-Identifier: Apache-2.0
import type { Contract, Enum, Field, Message, Rpc, Service } from './contract.ts';
import type {
  DescriptorProto,
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MethodDescriptor,
  ServiceDescriptor,
} from './descriptor.ts';

/** Numbers of fields in descriptor.proto, of which the paths of comments are made. */
const at = { message: 4, enum: 5, service: 6, syntax: 12, field: 2, value: 2, method: 2 } as const;

/** The comment at a path. */
type Comments = (...path: number[]) => string;

export function toContract(file: FileDescriptor): Contract {
  const found = new Map(
    (file.sourceCodeInfo?.location ?? []).map(({ path = [], leadingComments = '' }) => [path.join(), leadingComments]),
  );
  const comments: Comments = (...path) => found.get(path.join()) ?? '';
  return {
    package: file.package ?? '',
    comment: comments(at.syntax),
    services: (file.service ?? []).map((service, index) => toService(service, index, comments)),
    messages: (file.messageType ?? []).map((message, index) => toMessage(message, index, comments)),
    enums: (file.enumType ?? []).map((declared, index) => toEnum(declared, index, comments)),
  };
}

function toService({ name, method = [] }: ServiceDescriptor, index: number, comments: Comments): Service {
  const rpcs = method.map((rpc, place) => toRpc(rpc, comments(at.service, index, at.method, place)));
  return { name, rpcs, comment: comments(at.service, index) };
}

function toRpc(rpc: MethodDescriptor, comment: string): Rpc {
  const typeOf = (type: string, isStream = false): string => `${isStream ? 'stream ' : ''}${lastPart(type)}`;
  return {
    name: rpc.name,
    request: typeOf(rpc.inputType, rpc.clientStreaming),
    response: typeOf(rpc.outputType, rpc.serverStreaming),
    comment,
  };
}

function toMessage(message: DescriptorProto, index: number, comments: Comments): Message {
  const ranges = (message.reservedRange ?? []).map(({ start, end }) =>
    end - start === 1 ? String(start) : `${start} to ${end - 1}`,
  );
  return {
    name: message.name,
    fields: (message.field ?? []).map((field, place) =>
      toField(field, message, comments(at.message, index, at.field, place)),
    ),
    reserved: [...ranges, ...(message.reservedName ?? []).map((name) => `"${name}"`)],
    comment: comments(at.message, index),
  };
}

function toField(field: FieldDescriptor, message: DescriptorProto, comment: string): Field {
  const { name, number, options } = field;
  return { name, number, type: typeOfField(field, message), deprecated: options?.deprecated === true, comment };
}

function typeOfField(field: FieldDescriptor, { nestedType = [] }: DescriptorProto): string {
  const type = plainType(field);
  const entry = nestedType.find(({ name, options }) => options?.mapEntry === true && name === type);
  const [key, value] = entry?.field ?? [];
  if (key !== undefined && value !== undefined) return `map<${plainType(key)}, ${plainType(value)}>`;
  if (field.label === 'LABEL_REPEATED') return `repeated ${type}`;
  return field.proto3Optional === true ? `optional ${type}` : type;
}

function plainType({ type, typeName }: FieldDescriptor): string {
  return typeName === undefined ? type.replace('TYPE_', '').toLowerCase() : lastPart(typeName);
}

function toEnum({ name, value = [] }: EnumDescriptor, index: number, comments: Comments): Enum {
  const values = value.map((one, place) => ({ ...one, comment: comments(at.enum, index, at.value, place) }));
  return { name, values, comment: comments(at.enum, index) };
}

/** Contracts are one package, and what they nest is refused when it is written and read again. */
function lastPart(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
