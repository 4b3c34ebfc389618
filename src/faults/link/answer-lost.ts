import { z } from 'zod';
import { linkSchema } from '../parameters.ts';
import { endText, wasEnded } from './met.ts';
import { toxicFault } from './toxic-fault.ts';

const schema = z.strictObject({ on: linkSchema });

/**
 * The request reaches the dependency, which does what it was asked; the answer is lost and the connection closed. The process
 * cannot know whether it was done: what it tries again is done twice. An open connection is hit at its next answer.
 */
export const answerLost = toxicFault({
  name: 'answer-lost',
  summary:
    'What the process sends over the link arrives and is done; instead of the answer the connection is closed. Open connections too.',
  feltWhen:
    'a connection on which the process had sent something was closed by the other side instead of an answer',
  schema,
  toxic: () => ({ type: 'limit_data', stream: 'downstream', attributes: { bytes: 0 } }),
  felt(exchange, { on }, since) {
    const { sent, received } = exchange;
    if (sent === 0 || received > 0 || !wasEnded(exchange, since)) return undefined;
    return `sent ${sent} bytes over ${on}, and ${endText(exchange)} instead of an answer`;
  },
});
