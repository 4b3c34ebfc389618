import { expect, test } from 'vitest';
import { contentsOf } from './otel-contents.ts';

const event = (name: string, key: string, text: string) => ({
  name,
  attributes: [{ key, value: { stringValue: text } }],
});

test.each([
  ['nothing', {}, { input: null, output: null }],
  ['Logfire', { prompt: 'i', all_messages_events: 'o' }, { input: 'i', output: 'o' }],
  ['MLflow', { 'mlflow.spanInputs': 'i' }, { input: 'i', output: undefined }],
  ['TraceLoop', { 'traceloop.entity.output': 'o' }, { input: undefined, output: 'o' }],
  ['OpenInference', { 'input.value': 'i', 'output.value': 'o' }, { input: 'i', output: 'o' }],
  ['whole prompts', { 'gen_ai.prompt': 'i', 'gen_ai.completion': 'o' }, { input: 'i', output: 'o' }],
  ['parts of a prompt', { 'gen_ai.prompt.role': 'user' }, { input: { role: 'user' }, output: {} }],
  [
    'numbered messages',
    { 'gen_ai.prompt.0.role': 'user', 'gen_ai.prompt.1.role': 'model', 'gen_ai.completion.0.content': 'o' },
    { input: [{ role: 'user' }, { role: 'model' }], output: [{ content: 'o' }] },
  ],
  [
    'numbered messages with deeper names, whose values are lost',
    { 'gen_ai.prompt.0.tool.name': 'x' },
    { input: [{ tool: undefined }], output: {} },
  ],
])('by attributes: %s', (_convention, attributes, expected) => {
  expect(contentsOf([], attributes)).toEqual(expected);
});

test.each([
  ['as JSON', (messages: object[]) => JSON.stringify(messages)],
  ['as a list', (messages: object[]) => messages],
])('by one list of messages, %s', (_form, given) => {
  const asked = { 'event.name': 'gen_ai.user.message', content: 'i' };
  const choice = { 'event.name': 'gen_ai.choice', content: 'o' };
  expect(contentsOf([], { events: given([asked, choice]) })).toEqual({ input: [asked], output: choice });
  expect(contentsOf([], { events: given([choice]) })).toEqual({ input: null, output: choice });
});

test('a list of messages that is no JSON is passed over', () => {
  expect(contentsOf([], { events: '{', 'input.value': 'i' })).toMatchObject({ input: 'i' });
});

test('by events of the span, before anything else', () => {
  const events = [
    event('gen_ai.content.prompt', 'gen_ai.prompt', 'i'),
    event('gen_ai.content.completion', 'other', 'o'),
  ];
  expect(contentsOf(events, { 'input.value': 'x' })).toEqual({ input: 'i', output: { other: 'o' } });
  expect(contentsOf(events.slice(0, 1), {})).toEqual({ input: 'i', output: {} });
});

test('the first convention of which there is anything decides for both', () => {
  expect(contentsOf([], { prompt: 'i', 'output.value': 'o' })).toEqual({ input: 'i', output: undefined });
});
