/**
 * A small LLM application: the support bot of a shop, which answers from a handbook (RAG) and is traced with the Langfuse SDK
 * as its makers document it. It finds Langfuse through `LANGFUSE_BASEURL`, `LANGFUSE_PUBLIC_KEY` and `LANGFUSE_SECRET_KEY`.
 *
 * Model, vector store and order system are made up and seeded; ids and times are the SDK's own.
 */
import { Langfuse, type LangfuseSpanClient, type LangfuseTraceClient } from 'langfuse';
import { systemClock } from '../../../src/base/clock.ts';
import { createRandom, type Random } from '../../../src/base/random.ts';
import { FakeLlm, usage } from './fake-llm.ts';
import { type Passage, QUESTIONS } from './knowledge.ts';

const CONVERSATIONS = 20;
/** Customers who are served at the same time. */
const AT_ONCE = 1;
const SYSTEM_PROMPT =
  'You are the support bot of a shop. Answer in the customer’s language, only from the passages below. Never ask for card numbers.';

const langfuse = new Langfuse({ environment: 'production', release: 'support-bot@2.3.1' });
let next = 0;
await Promise.all(Array.from({ length: AT_ONCE }, serve));
await langfuse.shutdownAsync();

async function serve(): Promise<void> {
  while (next < CONVERSATIONS) {
    const number = next;
    next += 1;
    await converse(number, createRandom(`support-bot/${number}`));
  }
}

/** One customer, one session, a few turns. */
async function converse(number: number, random: Random): Promise<void> {
  const locale = random.pick(Object.keys(QUESTIONS));
  const llm = new FakeLlm(random.fork('llm'));
  const history: { role: string; content: string }[] = [];
  for (let turn = random.int(1, 3); turn > 0; turn -= 1) {
    const question = random.pick(QUESTIONS[locale] as readonly string[]);
    const trace = langfuse.trace({
      name: 'support turn',
      sessionId: `chat-${number}`,
      userId: `customer-${random.int(1, 25)}`,
      input: { question, locale },
      tags: [`lang:${locale}`, random.pick(['web', 'whatsapp', 'e-mail'])],
      metadata: {
        channel: { kind: 'chat', widget: '4.1' },
        customer: { tier: random.pick(['basic', 'gold']) },
      },
      version: '2.3.1',
    });
    history.push({ role: 'user', content: question });
    const answer = await answerTurn(trace, question, locale, history, llm, random);
    history.push({ role: 'assistant', content: answer });
    trace.update({ output: answer, metadata: { turns: history.length / 2 } });
    rate(trace, random);
    await systemClock.sleep(random.int(50, 250));
  }
}

async function answerTurn(
  trace: LangfuseTraceClient,
  question: string,
  locale: string,
  history: readonly { role: string; content: string }[],
  llm: FakeLlm,
  random: Random,
): Promise<string> {
  const passages = await retrieve(trace, question, locale, llm);
  const planning = trace.generation({
    name: 'choose tool',
    model: 'gpt-4o-mini-2024-07-18',
    modelParameters: { temperature: 0, maxTokens: 64 },
    input: [{ role: 'system', content: 'Reply with a tool call or "none".' }, ...history],
  });
  const plan = await llm.plan(question);
  planning.end({
    output: plan.order ? { tool: plan.tool, arguments: { order: plan.order } } : { tool: 'none' },
    usageDetails: { ...plan.usage },
  });
  const status = plan.order ? await orderStatus(trace, plan.order, random) : undefined;
  return writeAnswer(trace, [...history], passages, status, llm);
}

/** Embedding and search, nested in one span. */
async function retrieve(
  trace: LangfuseTraceClient,
  question: string,
  locale: string,
  llm: FakeLlm,
): Promise<readonly Passage[]> {
  const retrieval = trace.span({
    name: 'retrieve',
    input: question,
    metadata: { index: 'handbook-v7', locale },
  });
  const embedding = retrieval.generation({ name: 'embed', model: 'text-embedding-3-small', input: question });
  const used = await llm.embed(question);
  embedding.end({ output: { dimensions: 1536 }, usage: { ...used, unit: 'TOKENS' } });
  const search = retrieval.span({
    name: 'vector search',
    input: { top_k: 3 },
    metadata: { metric: 'cosine' },
  });
  const found = await llm.search(locale, 3);
  search.end({ output: found.map(({ passage, score }) => ({ id: passage.id, score })) });
  if ((found[0]?.score ?? 0) < 0.92) {
    retrieval.event({
      name: 'low confidence',
      level: 'WARNING',
      input: { best: found[0]?.score },
      statusMessage: 'the best passage is below 0.92',
    });
  }
  retrieval.end({ output: found.map(({ passage }) => passage.text).join('\n---\n') });
  return found.map(({ passage }) => passage);
}

/** A call of the order system, which fails now and then and is tried once more. */
async function orderStatus(trace: LangfuseTraceClient, order: string, random: Random): Promise<string> {
  const tool = trace.span({ name: 'tool: order_status', input: { order } });
  const failed = random.chance(0.25) && (await attempt(tool, order, 1, random, false));
  const status = (await attempt(tool, order, failed === false ? 1 : 2, random, true)) as string;
  tool.end({ output: { status }, metadata: { attempts: failed === false ? 1 : 2 } });
  return status;
}

async function attempt(
  tool: LangfuseSpanClient,
  order: string,
  number: number,
  random: Random,
  works: boolean,
): Promise<string> {
  tool.event({
    name: 'tool call',
    input: { method: 'GET', path: `/orders/${order}`, attempt: number },
    level: 'DEBUG',
  });
  const call = tool.span({ name: 'HTTP GET', input: { url: `https://shop.example/orders/${order}` } });
  await systemClock.sleep(random.int(30, 120));
  const status = random.pick(['shipped 📦', 'in customs', 'delivered ✓', 'à préparer']);
  if (works) call.end({ output: { code: 200, status } });
  else call.end({ level: 'ERROR', statusMessage: 'connect ETIMEDOUT 10.0.0.7:443', output: { code: 504 } });
  return status;
}

/** The streamed answer: create at the start, an update at the first piece, the end with output and usage. */
async function writeAnswer(
  trace: LangfuseTraceClient,
  history: { role: string; content: string }[],
  passages: readonly Passage[],
  status: string | undefined,
  llm: FakeLlm,
): Promise<string> {
  const prompt = [
    { role: 'system', content: `${SYSTEM_PROMPT}\n\n${passages.map(({ text }) => `> ${text}`).join('\n')}` },
    ...(status ? [{ role: 'tool', content: status }] : []),
    ...history.slice(-4),
  ];
  const generation = trace.generation({
    name: 'answer',
    model: 'gpt-4o-2024-08-06',
    modelParameters: { temperature: 0.3, maxTokens: 512, stream: true },
    input: prompt,
    metadata: { passages: passages.map(({ id }) => id) },
  });
  let answer = '';
  for await (const piece of llm.answer(JSON.stringify(prompt), passages[0] as Passage)) {
    if (answer === '') generation.update({ completionStartTime: new Date() });
    answer += piece;
  }
  generation.end({
    output: { role: 'assistant', content: answer },
    usageDetails: { ...usage(JSON.stringify(prompt), answer) },
  });
  generation.score({ name: 'groundedness', value: (80 + (answer.length % 20)) / 100, dataType: 'NUMERIC' });
  return answer;
}

/** What the customer says about a turn, if anything. */
function rate(trace: LangfuseTraceClient, random: Random): void {
  if (random.chance(0.5)) trace.score({ name: 'resolved', value: random.int(0, 1), dataType: 'BOOLEAN' });
  if (random.chance(0.4)) {
    const value = random.pick(['happy', 'neutral', 'unhappy', 'très content']);
    trace.score({ name: 'sentiment', value, dataType: 'CATEGORICAL', comment: 'asked after the chat 💬' });
  }
}
