// SPDX-License-Identifier: Apache-2.0
import type { Contract, Enum, Message, Service } from './contract.ts';

/** A contract as a .proto file: one form for all, so that a difference of two files is one of their contracts. */
export function printProto(contract: Contract): string {
  const declarations = [
    ...contract.services.map(printService),
    ...contract.messages.map(printMessage),
    ...contract.enums.map(printEnum),
  ];
  const head = `${printComment(contract.comment)}syntax = "proto3";\n`;
  return [head, `package ${contract.package};\n`, ...declarations].join('\n');
}

function printService({ name, rpcs, comment }: Service): string {
  return printBlock(
    comment,
    `service ${name}`,
    rpcs.map((rpc) => [rpc.comment, `rpc ${rpc.name}(${rpc.request}) returns (${rpc.response});`]),
  );
}

function printMessage({ name, fields, reserved, comment }: Message): string {
  const numbers = reserved.filter((text) => !text.startsWith('"'));
  const names = reserved.filter((text) => text.startsWith('"'));
  return printBlock(comment, `message ${name}`, [
    ...[numbers, names].filter((list) => list.length > 0).map((list): Line => ['', `reserved ${list.join(', ')};`]),
    ...fields.map((field): Line => {
      const options = field.deprecated ? ' [deprecated = true]' : '';
      return [field.comment, `${field.type} ${field.name} = ${field.number}${options};`];
    }),
  ]);
}

function printEnum({ name, values, comment }: Enum): string {
  return printBlock(
    comment,
    `enum ${name}`,
    values.map((value) => [value.comment, `${value.name} = ${value.number};`]),
  );
}

type Line = readonly [comment: string, text: string];

function printBlock(comment: string, head: string, lines: readonly Line[]): string {
  if (lines.length === 0) return `${printComment(comment)}${head} {}\n`;
  const body = lines.map(([above, text]) => `${printComment(above, '  ')}  ${text}\n`);
  return `${printComment(comment)}${head} {\n${body.join('')}}\n`;
}

function printComment(comment: string, indent = ''): string {
  if (comment === '') return '';
  const lines = comment.replace(/\n$/, '').split('\n');
  return lines.map((line) => `${indent}//${line}\n`).join('');
}
