import type { SeenAnswer } from '../stack/guard.ts';
import type { Answer } from '../traffic/answer.ts';
import { sendTraffic, type TrafficSummary } from '../traffic/open-loop.ts';
import type { OpenRun } from './phases.ts';

/** Sends requests as all traffic of a run is sent: recorded, counted, and shown to the stack's guard. Rejects when the run was interrupted. */
export async function send(
  run: OpenRun,
  requests: Parameters<typeof sendTraffic>[0],
  signal = run.signal,
  more: Pick<NonNullable<Parameters<typeof sendTraffic>[3]>, 'onAnswer' | 'timeoutMs'> = {},
): Promise<TrafficSummary> {
  const slot = run.figures.length;
  const { guard, target } = run.stack;
  const { onAnswer } = more;
  const summary = await sendTraffic(requests, target, run.history, {
    clock: run.clock,
    signal,
    onProgress: (figures) => {
      run.figures[slot] = { ...figures };
    },
    ...more,
    ...(guard
      ? {
          onAnswer: (request, answer) => {
            guard.answered(seenAnswer(answer));
            onAnswer?.(request, answer);
          },
        }
      : {}),
  });
  run.signal.throwIfAborted();
  if (summary.heldBack > 0) {
    run.log.doubt(
      'not-open-loop',
      `${summary.heldBack} requests were held back because too many were in flight.`,
    );
  }
  return summary;
}

function seenAnswer({ status, body, error }: Answer): SeenAnswer {
  return {
    ...(status === undefined ? {} : { status }),
    text: error?.message ?? (typeof body === 'string' ? body : JSON.stringify(body ?? '')),
  };
}
