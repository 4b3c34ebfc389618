import { z } from 'zod';
import { didYouMean } from '../../base/did-you-mean.ts';
import { ChaosError } from '../../base/errors.ts';
import { mistakesOf, parametersText } from '../../scenario/mistakes.ts';
import type { OddTrafficSpec } from '../../scenario/scenario.ts';
import type { PlannedRequest } from '../request.ts';
import { acrossMidnight } from './across-midnight.ts';
import { booleanMetadata } from './boolean-metadata.ts';
import { burst } from './burst.ts';
import { eventIdAgain } from './event-id-again.ts';
import { falsyContent } from './falsy-content.ts';
import { fractionalUsage } from './fractional-usage.ts';
import { hugeCost } from './huge-cost.ts';
import { hugeUsage } from './huge-usage.ts';
import { hundredMonths } from './hundred-months.ts';
import { loneSurrogate } from './lone-surrogate.ts';
import { manyUpdates } from './many-updates.ts';
import { missingBodyId } from './missing-body-id.ts';
import { oddTimes } from './odd-times.ts';
import type { OddContext, OddTraffic } from './odd-traffic.ts';
import { racingUpdates } from './racing-updates.ts';
import { retryingClient } from './retrying-client.ts';
import { slashInId } from './slash-in-id.ts';
import { unknownScoreConfig } from './unknown-score-config.ts';

/** Odd traffic with its parameters checked and filled in. */
export interface BoundOddTraffic {
  make(context: OddContext): readonly PlannedRequest[];
}

/** One kind of the catalogue, its parameters' type hidden behind `bind`. */
export interface OddTrafficEntry extends Pick<OddTraffic, 'name' | 'summary'> {
  readonly schema: z.ZodType;
  bind(parameters: unknown): BoundOddTraffic;
}

function entry<P>(odd: OddTraffic<P>): OddTrafficEntry {
  const { name, summary, schema } = odd;
  return {
    name,
    summary,
    schema,
    bind(raw) {
      const parameters = schema.parse(raw);
      return { make: (context) => odd.make(parameters, context) };
    },
  };
}

/** Every kind of odd traffic that a scenario can name. */
export const ODD_TRAFFIC: readonly OddTrafficEntry[] = [
  entry(acrossMidnight),
  entry(booleanMetadata),
  entry(burst),
  entry(eventIdAgain),
  entry(falsyContent),
  entry(fractionalUsage),
  entry(hugeCost),
  entry(hugeUsage),
  entry(hundredMonths),
  entry(loneSurrogate),
  entry(manyUpdates),
  entry(missingBodyId),
  entry(oddTimes),
  entry(racingUpdates),
  entry(retryingClient),
  entry(slashInId),
  entry(unknownScoreConfig),
];

/**
 * The odd traffic that a scenario's step names.
 *
 * @throws ChaosError `E_SCENARIO` when the name is unknown or a parameter does not fit
 */
export function bindOddTraffic(spec: OddTrafficSpec): BoundOddTraffic {
  const { name, ...parameters } = spec;
  const found = ODD_TRAFFIC.find((candidate) => candidate.name === name);
  if (!found) {
    const names = ODD_TRAFFIC.map((candidate) => candidate.name);
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: `There is no odd traffic named "${name}".${didYouMean(name, names)}`,
      expected: `one of ${names.join(', ')}`,
      remedy: 'correct the name; docs/faults.md says what each kind is.',
    });
  }
  try {
    return found.bind(parameters);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: `The parameters of the odd traffic "${name}" don't fit: ${mistakesOf(error, parameters)}`,
      expected: parametersText(found.schema),
      remedy: 'correct them; docs/faults.md lists what each kind takes.',
    });
  }
}
