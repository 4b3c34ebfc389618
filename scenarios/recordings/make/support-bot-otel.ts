/**
 * The support bot of `support-bot.ts`, traced with the Langfuse SDK of today, which sends spans over OTLP. It finds Langfuse through
 * `LANGFUSE_BASE_URL`, `LANGFUSE_PUBLIC_KEY` and `LANGFUSE_SECRET_KEY`. Its scores go to `POST /api/public/scores`, as Langfuse's API documents it.
 */
import { randomUUID } from 'node:crypto';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { type LangfuseSpan, propagateAttributes, startActiveObservation } from '@langfuse/tracing';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { systemClock } from '../../../src/base/clock.ts';
import { createRandom, type Random } from '../../../src/base/random.ts';
import { FakeLlm, usage } from './fake-llm.ts';
import { type Passage, QUESTIONS } from './knowledge.ts';

const CONVERSATIONS = 16;
const { LANGFUSE_BASE_URL = '', LANGFUSE_PUBLIC_KEY = '', LANGFUSE_SECRET_KEY = '' } = process.env;

const processor = new LangfuseSpanProcessor({ environment: 'production', release: 'support-bot@3.0.0' });
// Named, because OpenTelemetry's default holds the path of the program.
const resource = defaultResource().merge(resourceFromAttributes({ 'service.name': 'support-bot' }));
const provider = new NodeTracerProvider({ spanProcessors: [processor], resource });
provider.register();
for (let number = 0; number < CONVERSATIONS; number += 1) {
  await converse(number, createRandom(`support-bot-otel/${number}`));
}
await provider.shutdown();

/** One customer, one session, a few turns. */
async function converse(number: number, random: Random): Promise<void> {
  const locale = random.pick(Object.keys(QUESTIONS));
  const llm = new FakeLlm(random.fork('llm'));
  for (let turn = random.int(1, 3); turn > 0; turn -= 1) {
    const question = random.pick(QUESTIONS[locale] as readonly string[]);
    const shared = {
      userId: `customer-${random.int(1, 25)}`,
      sessionId: `chat-${number}`,
      tags: [`lang:${locale}`, random.pick(['web', 'whatsapp', 'e-mail'])],
      metadata: { widget: '4.1', tier: random.pick(['basic', 'gold']) },
      traceName: 'support turn',
      version: '3.0.0',
    };
    await propagateAttributes(shared, () =>
      startActiveObservation('support turn', (root) => answerTurn(root, question, locale, llm, random)),
    );
    await systemClock.sleep(random.int(50, 250));
  }
}

async function answerTurn(
  root: LangfuseSpan,
  question: string,
  locale: string,
  llm: FakeLlm,
  random: Random,
): Promise<void> {
  root.update({ input: { question, locale } });
  const passages = await retrieve(root, question, locale, llm);
  const status = await orderStatus(root, question, llm, random);
  const answer = await writeAnswer(root, question, passages, status, llm);
  root.update({ output: answer, metadata: { passages: passages.length } });
  if (random.chance(0.5)) await score(root.traceId, undefined, 'resolved', random.int(0, 1), 'BOOLEAN');
  if (random.chance(0.3))
    await score(root.traceId, root.id, 'sentiment', random.pick(['happy', 'très content']));
}

/** Embedding and search, nested in one span. */
async function retrieve(
  root: LangfuseSpan,
  question: string,
  locale: string,
  llm: FakeLlm,
): Promise<readonly Passage[]> {
  const retrieval = root.startObservation('retrieve', { input: question }, { asType: 'retriever' });
  const model = 'text-embedding-3-small';
  const embedding = retrieval.startObservation('embed', { input: question, model }, { asType: 'embedding' });
  const used = await llm.embed(question);
  embedding.update({ output: { dimensions: 1536 }, usageDetails: { ...used } }).end();
  const found = await llm.search(locale, 3);
  if ((found[0]?.score ?? 0) < 0.92) {
    const statusMessage = 'the best passage is below 0.92';
    retrieval.startObservation('low confidence', { level: 'WARNING', statusMessage }, { asType: 'event' });
  }
  retrieval.update({ output: found.map(({ passage, score: rank }) => ({ id: passage.id, rank })) }).end();
  return found.map(({ passage }) => passage);
}

/** A model that chooses a tool, and a call of the order system, which fails now and then. */
async function orderStatus(
  root: LangfuseSpan,
  question: string,
  llm: FakeLlm,
  random: Random,
): Promise<string | undefined> {
  const planning = root.startObservation(
    'choose tool',
    {
      model: 'gpt-4o-mini-2024-07-18',
      modelParameters: { temperature: 0, maxTokens: 64 },
      input: [{ role: 'user', content: question }],
    },
    { asType: 'generation' },
  );
  const plan = await llm.plan(question);
  planning.update({ output: { tool: plan.tool }, usageDetails: { ...plan.usage } }).end();
  if (!plan.order) return undefined;
  const tool = root.startObservation('order_status', { input: { order: plan.order } }, { asType: 'tool' });
  await systemClock.sleep(random.int(30, 120));
  const status = random.pick(['shipped 📦', 'in customs', 'delivered ✓', 'à préparer']);
  if (random.chance(0.25)) tool.update({ level: 'ERROR', statusMessage: 'connect ETIMEDOUT 10.0.0.7:443' });
  tool.update({ output: { status } }).end();
  return status;
}

/** The streamed answer. */
async function writeAnswer(
  root: LangfuseSpan,
  question: string,
  passages: readonly Passage[],
  status: string | undefined,
  llm: FakeLlm,
): Promise<string> {
  const prompt = [
    { role: 'system', content: passages.map(({ text }) => `> ${text}`).join('\n') },
    ...(status ? [{ role: 'assistant', content: status }] : []),
    { role: 'user', content: question },
  ];
  const generation = root.startObservation(
    'answer',
    {
      model: 'gpt-4o-2024-08-06',
      modelParameters: { temperature: 0.3, maxTokens: 512 },
      input: prompt,
      metadata: { passages: passages.map(({ id }) => id), stream: true },
    },
    { asType: 'generation' },
  );
  let answer = '';
  for await (const piece of llm.answer(JSON.stringify(prompt), passages[0] as Passage)) {
    if (answer === '') generation.update({ completionStartTime: new Date() });
    answer += piece;
  }
  const usageDetails = { ...usage(JSON.stringify(prompt), answer) };
  generation.update({ output: { role: 'assistant', content: answer }, usageDetails }).end();
  await score(root.traceId, generation.id, 'groundedness', (80 + (answer.length % 20)) / 100, 'NUMERIC');
  return answer;
}

async function score(
  traceId: string,
  observationId: string | undefined,
  name: string,
  value: number | string,
  dataType: 'NUMERIC' | 'BOOLEAN' | 'CATEGORICAL' = 'CATEGORICAL',
): Promise<void> {
  const keys = Buffer.from(`${LANGFUSE_PUBLIC_KEY}:${LANGFUSE_SECRET_KEY}`).toString('base64');
  await fetch(`${LANGFUSE_BASE_URL}/api/public/scores`, {
    method: 'POST',
    headers: { authorization: `Basic ${keys}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id: randomUUID(), traceId, observationId, name, value, dataType }),
  });
}
