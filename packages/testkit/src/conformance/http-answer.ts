// SPDX-License-Identifier: Apache-2.0

const timeoutMs = 2_000;

/** Whether a GET of the plugin's own HTTP server is answered with success; false as well where nobody answers. */
export async function isAnswered(port: string, path: string): Promise<boolean> {
  return await get(port, path).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** The text of the plugin's own HTTP server. Rejects where nobody answers, or with another status than 2xx. */
export async function textAt(port: string, path: string): Promise<string> {
  const response = await get(port, path);
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return await response.text();
}

async function get(port: string, path: string): Promise<Response> {
  return await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
}
