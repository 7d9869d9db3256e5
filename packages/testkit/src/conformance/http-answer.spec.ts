// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAnswered, textAt } from './http-answer.ts';

describe('isAnswered(), textAt()', () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? 200 : 503).end(`this is ${request.url}`);
  });
  let port: string;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = String((server.address() as AddressInfo).port);
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('tell success from refusal', async () => {
    expect(await isAnswered(port, '/readyz')).toBe(true);
    expect(await isAnswered(port, '/metrics')).toBe(false);
    expect(await textAt(port, '/readyz')).toBe('this is /readyz');
    await expect(textAt(port, '/metrics')).rejects.toThrow('/metrics answers 503');
  });

  it('bear that nobody answers', async () => {
    expect(await isAnswered('1', '/readyz')).toBe(false);
    await expect(textAt('1', '/readyz')).rejects.toThrow();
  });
});
