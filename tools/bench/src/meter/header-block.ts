// SPDX-License-Identifier: Apache-2.0

/**
 * Header blocks that never change, so HPACK's dynamic table and Huffman code are not needed to write them. Nothing here reads one:
 * a call that brought a message has succeeded, and one that ended without has not.
 *
 * Source: RFC 7541, section 6 and appendix A; gRPC over HTTP/2 (grpc/grpc, doc/PROTOCOL-HTTP2.md).
 */
export function requestHeaders(path: string): Buffer {
  return Buffer.concat([
    indexed(3), // :method: POST
    indexed(6), // :scheme: http
    literal(4, path), // :path
    literal(1, 'localhost'), // :authority
    literal(31, 'application/grpc'), // content-type
    literal('te', 'trailers'),
  ]);
}

/** What an answer begins with. */
export const responseHeaders = Buffer.concat([indexed(8), literal(31, 'application/grpc')]); // :status: 200, content-type

/** What an answer without an error ends with. */
export const okTrailers = literal('grpc-status', '0');

function indexed(index: number): Buffer {
  return Buffer.from([0x80 | index]);
}

/** "Literal header field without indexing", its name from the static table or spelled out. */
function literal(name: number | string, value: string): Buffer {
  const head = typeof name === 'number' ? prefixed(name, 4) : Buffer.concat([Buffer.from([0]), text(name)]);
  return Buffer.concat([head, text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'ascii');
  return Buffer.concat([prefixed(bytes.length, 7), bytes]);
}

/** An integer with a prefix of `bits`; what is written here fits into two bytes. */
function prefixed(value: number, bits: number): Buffer {
  const limit = 2 ** bits - 1;
  return value < limit ? Buffer.from([value]) : Buffer.from([limit, value - limit]);
}
