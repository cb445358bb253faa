// Ask the copilot different questions through `@ag-ui/client` and let it accept every frame.
//
//   node agui-check.mjs http://127.0.0.1:8080 [QUESTIONS]
//
// The questions are those of the routing suite, taken in turn from each tool, and from those that
// nothing answers. A frame that breaks the protocol
// rejects the run; an unknown field or event makes the client warn, and a warning fails the check.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpAgent, buildResumeArray } from '@ag-ui/client';

const [base = 'http://127.0.0.1:8080', wanted = '50'] = process.argv.slice(2);
const warnings = [];
for (const level of ['warn', 'error']) console[level] = (...it) => warnings.push(it.join(' '));

function expect(holds, text) {
  if (!holds) throw new Error(text);
}

/// Hand-written questions of the routing suite, taken in turn from each tool so that all have one.
function questions(count) {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../cases/routing');
  const byTool = new Map();
  for (const file of readdirSync(folder).filter((it) => it.endsWith('.jsonl')).sort()) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n').filter((it) => it.trim())) {
      const { text, tool } = JSON.parse(line);
      byTool.set(tool, [...(byTool.get(tool) ?? []), text]);
    }
  }
  const found = new Set();
  for (let round = 0; found.size < count; round += 1) {
    const left = [...byTool.values()].filter((it) => it.length > round);
    expect(left.length > 0, `the routing suite has only ${found.size} questions`);
    for (const texts of left) if (found.size < count) found.add(texts[round]);
  }
  return [...found];
}

const seen = { frames: 0, types: new Set(), answered: 0, interrupted: 0, resumed: 0 };

async function ask(question, number) {
  const agent = new HttpAgent({
    url: `${base}/copilot`,
    threadId: `agui-check-${process.pid}-${number}`,
    initialMessages: [{ id: `u${number}`, role: 'user', content: question }],
  });
  let ending;
  const watch = {
    onEvent({ event }) {
      seen.frames += 1;
      seen.types.add(event.type);
      if (event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR') ending = event;
    },
  };
  const run = await agent.runAgent({ runId: `agui-check-${process.pid}-${number}-1` }, watch);
  expect(ending?.type === 'RUN_FINISHED', `${question}: ended with ${JSON.stringify(ending)}`);
  if (ending.outcome.type === 'interrupt') {
    seen.interrupted += 1;
    const ids = Object.fromEntries(
      ending.outcome.interrupts.map((it) => [it.id, { status: 'resolved', payload: { approved: false } }]),
    );
    const resume = buildResumeArray(ending.outcome.interrupts, ids);
    await agent.runAgent({ runId: `agui-check-${process.pid}-${number}-2`, resume }, watch);
    expect(ending?.type === 'RUN_FINISHED', `${question}: resuming ended with ${JSON.stringify(ending)}`);
    seen.resumed += 1;
    return;
  }
  const answer = run.newMessages.filter((it) => it.role === 'assistant').map((it) => it.content ?? '').join('');
  expect(answer.trim() !== '', `${question}: no words came back`);
  seen.answered += 1;
}

const asked = questions(Number(wanted));
for (const [number, question] of asked.entries()) {
  try {
    await ask(question, number);
  } catch (error) {
    throw new Error(`question ${number} (${question}): ${error.message}`);
  }
  expect(warnings.length === 0, `question ${number} (${question}): the client warned: ${warnings[0]}`);
}
console.log(`  @ag-ui/client: ${asked.length} questions, ${seen.frames} frames accepted, ${seen.answered} answered, ` +
  `${seen.interrupted} writes waited, ${seen.resumed} declined; kinds: ${[...seen.types].sort().join(' ')}`);
