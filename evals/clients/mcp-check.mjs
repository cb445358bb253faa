// List and call every tool with the TypeScript MCP client, in both eras of the protocol.
//
//   node mcp-check.mjs tools.json http://127.0.0.1:8080/mcp
//   node mcp-check.mjs tools.json quartermaster mcp --data DIR
//
// `tools.json` is what `GET /api/v1/tools` answers: it has each tool's example. Reads must answer
// with content that fits their schema (the client checks it); writes must ask, and are declined.

import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [file, server, ...args] = process.argv.slice(2);
if (!server) throw new Error('usage: mcp-check.mjs TOOLS.json URL | COMMAND ARGS…');
const { tools } = JSON.parse(readFileSync(file, 'utf8'));

function expect(holds, text) {
  if (!holds) throw new Error(text);
}

function transport() {
  return server.startsWith('http')
    ? new StreamableHTTPClientTransport(new URL(server))
    : new StdioClientTransport({ command: server, args });
}

async function check(mode) {
  let asked = 0;
  const client = new Client(
    { name: 'quartermaster-check', version: '1.0.0' },
    { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode } },
  );
  client.setRequestHandler('elicitation/create', async () => {
    asked += 1;
    return { action: 'decline' };
  });
  await client.connect(transport());
  const listed = (await client.listTools()).tools.map((it) => it.name).sort();
  const known = tools.map((it) => it.name).sort();
  expect(listed.join() === known.join(), `other tools are listed: ${listed}`);
  for (const tool of tools) {
    const before = asked;
    const writes = tool.effect !== 'read';
    const result = await client.callTool({ name: tool.name, arguments: tool.example });
    const said = result.content?.[0]?.text ?? '';
    expect(!result.isError, `\`${tool.name}\` failed: ${said}`);
    expect(said.trim() !== '', `\`${tool.name}\` says nothing in words`);
    expect(result.structuredContent, `\`${tool.name}\` has no structured content`);
    expect(asked - before === Number(writes), `\`${tool.name}\` asked ${asked - before} times`);
    if (writes) expect(said.includes('othing was written'), `\`${tool.name}\` says: ${said}`);
  }
  const version = client.getNegotiatedProtocolVersion();
  console.log(`  typescript mcp, ${mode} -> ${version}: ${tools.length} tools listed and called, ${asked} writes asked about`);
  await client.close();
}

await check('auto');
await check('legacy');
