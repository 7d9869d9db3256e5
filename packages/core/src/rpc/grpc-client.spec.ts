// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { TempDir } from '../../test/temp-dir.ts';
import { messageOf } from '../errors.ts';
import { GrpcClient } from './grpc-client.ts';
import { GrpcStatusError } from './grpc-status.ts';
import { messageFrame } from './message-frames.ts';

const never = new AbortController().signal;
const call = { method: '/a.B/C', request: Buffer.from('question'), timeoutMs: 10_000 };

/** A server of this test's making, and its connections. */
class Server implements AsyncDisposable {
  readonly sessions: ServerHttp2Session[] = [];
  readonly #server;

  private constructor(answer: (stream: ServerHttp2Stream) => void) {
    this.#server = createServer();
    this.#server.on('session', (session) => this.sessions.push(session));
    this.#server.on('stream', (stream) => {
      stream.on('error', () => undefined).resume();
      answer(stream);
    });
  }

  static async listen(path: string, answer: (stream: ServerHttp2Stream) => void): Promise<Server> {
    const server = new Server(answer);
    server.#server.listen(path);
    await once(server.#server, 'listening');
    return server;
  }

  disconnect(): void {
    for (const session of this.sessions) session.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

function begin(stream: ServerHttp2Stream, ...messages: readonly string[]): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  for (const message of messages) stream.write(messageFrame(Buffer.from(message)));
}

function end(stream: ServerHttp2Stream, status = '0', text = ''): void {
  stream.on('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': status, 'grpc-message': text });
  });
  stream.end();
}

function answerWith(...messages: readonly string[]): (stream: ServerHttp2Stream) => void {
  return (stream) => {
    begin(stream, ...messages);
    end(stream);
  };
}

/** All messages of a stream, and the error that ended it. */
async function followed(messages: AsyncIterable<Buffer>): Promise<{ texts: string[]; error?: unknown }> {
  const texts: string[] = [];
  try {
    for await (const message of messages) texts.push(message.toString());
    return { texts };
  } catch (error) {
    return { texts, error };
  }
}

describe('GrpcClient', () => {
  it('shares one connection between its calls', async () => {
    await using dir = await TempDir.create();
    await using server = await Server.listen(dir.join('a'), answerWith('answer'));
    using client = new GrpcClient(dir.join('a'));
    const warnings: string[] = [];
    process.on('warning', ({ name }) => warnings.push(name));
    const atOnce = await Promise.all(Array.from({ length: 200 }, () => client.unary(call, never)));
    const later = await client.unary(call, never);
    expect([...atOnce, later].map(String)).toEqual(Array(201).fill('answer'));
    expect(server.sessions).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('connects again after the server went away and came back', async () => {
    await using dir = await TempDir.create();
    using client = new GrpcClient(dir.join('a'));
    await expect(client.unary(call, never)).rejects.toThrow('failed');
    for (const text of ['one', 'two']) {
      await using _server = await Server.listen(dir.join('a'), answerWith(text));
      await expect.poll(() => client.unary(call, never).then(String, () => '')).toBe(text);
    }
    await expect.poll(() => client.unary(call, never).then(String, messageOf)).toContain('ENOENT');
  });

  it('connects again after the server has said that it goes', async () => {
    await using dir = await TempDir.create();
    await using server = await Server.listen(dir.join('a'), answerWith('answer'));
    using client = new GrpcClient(dir.join('a'));
    await client.unary(call, never);
    server.sessions[0]?.close();
    await expect.poll(() => client.unary(call, never).then(String, () => '')).toBe('answer');
  });

  it('gives the status of a refusal as the cause', async () => {
    await using dir = await TempDir.create();
    await using _server = await Server.listen(dir.join('a'), (stream) => {
      begin(stream);
      end(stream, '12', 'no%20such method');
    });
    using client = new GrpcClient(dir.join('a'));
    const { error } = await followed(client.stream(call, never));
    expect(error).toMatchObject({ code: 'RPC_FAILED', cause: { status: 12, message: 'no such method' } });
    expect((error as Error).cause).toBeInstanceOf(GrpcStatusError);
  });

  it('refuses a message that is longer than gRPC has it', async () => {
    await using dir = await TempDir.create();
    await using _server = await Server.listen(dir.join('a'), answerWith('x'.repeat(4 * 1024 * 1024 + 1)));
    using client = new GrpcClient(dir.join('a'));
    await expect(client.unary(call, never).catch(messageOf)).resolves.toContain('longer than 4194304 bytes');
  });
});

describe('GrpcClient.stream()', () => {
  it('gives each message when it comes and ends with the stream', async () => {
    await using dir = await TempDir.create();
    const streams: ServerHttp2Stream[] = [];
    await using _server = await Server.listen(dir.join('a'), (stream) => {
      streams.push(stream);
      begin(stream, 'one');
    });
    using client = new GrpcClient(dir.join('a'));
    const messages = client.stream(call, never);
    expect(String((await messages.next()).value)).toBe('one');
    streams[0]?.write(messageFrame(Buffer.from('two')));
    expect(String((await messages.next()).value)).toBe('two');
    end(streams[0] as ServerHttp2Stream);
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });

  it.each<[string, (stream: ServerHttp2Stream) => void, string]>([
    ['a status', (stream) => end(stream, '14', 'going away'), 'going away'],
    ['a reset', (stream) => stream.close(2), 'failed: '],
    ['the end of the connection', (stream) => stream.session?.destroy(), 'without a gRPC status'],
    [
      'half a message',
      (stream) => {
        stream.write(Buffer.from([0, 0]));
        end(stream);
      },
      'cut short',
    ],
  ])('fails after its messages when it ends with %s', async (_what, finish, text) => {
    await using dir = await TempDir.create();
    await using _server = await Server.listen(dir.join('a'), (stream) => {
      begin(stream, 'one', 'two');
      setTimeout(finish, 20, stream);
    });
    using client = new GrpcClient(dir.join('a'));
    const { texts, error } = await followed(client.stream(call, never));
    expect(texts).toEqual(['one', 'two']);
    expect(error).toMatchObject({ code: 'RPC_FAILED' });
    expect(messageOf(error)).toContain(text);
  });

  it('ends when it is aborted, while it connects and while it waits', async () => {
    await using dir = await TempDir.create();
    await using _server = await Server.listen(dir.join('a'), (stream) => begin(stream, 'one'));
    using client = new GrpcClient(dir.join('a'));
    expect(messageOf((await followed(client.stream(call, AbortSignal.abort()))).error)).toContain('aborted');
    const controller = new AbortController();
    const messages = client.stream(call, controller.signal);
    await messages.next();
    const next = messages.next().catch(messageOf);
    controller.abort();
    expect(await next).toContain('aborted');
  });

  it('tells the server when nobody listens any more', async () => {
    await using dir = await TempDir.create();
    let isClosed = false;
    await using _server = await Server.listen(dir.join('a'), (stream) => {
      stream.on('close', () => {
        isClosed = true;
      });
      begin(stream, 'one');
    });
    using client = new GrpcClient(dir.join('a'));
    for await (const message of client.stream(call, never)) {
      expect(String(message)).toBe('one');
      break;
    }
    await expect.poll(() => isClosed).toBe(true);
  });
});
