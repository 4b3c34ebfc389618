/*
 * Defects that can be planted in the reference pipeline, one at a time, by REFERENCE_DEFECT=<name> in the environment
 * of both processes. They exist to show that a checker sees what it claims to see (issue #3). Their bodies are
 * in `defects/`, a file for each place where they are planted; without the variable none of it runs.
 */

/** What each defect does wrong. Of the entities that it could hit, most hit some only, chosen by the hash of the id. */
export const DEFECTS = {
  'acknowledge-before-s3': 'web acknowledges at once and writes to S3 ten minutes later',
  'skip-s3': 'web leaves out one object in a hundred on the way to S3',
  'acknowledge-before-queue': 'web acknowledges at once and adds the job ten minutes later',
  'land-refused': 'web answers 400 for an event and stores it all the same',
  'stuck-in-queue': 'web adds jobs with a delay of ten minutes',
  'land-after-budget': 'web adds jobs with a delay of twenty seconds',
  'complete-before-buffered': 'a job completes ten minutes before its row is buffered',
  'drop-after-one-attempt': 'a job whose merge fails is completed instead of tried again',
  'fail-for-ever': 'a job fails at every attempt',
  'evict-from-failed-set': 'jobs fail for good, and some are removed from the failed set',
  'hide-delayed-jobs': 'a job waits ten minutes where no state of the queue shows it',
  'replay-skips': 'jobs are lost, and the replay of some of them does nothing',
  'replay-doubles': 'jobs are lost, and their replay writes each row on two days',
  'replay-does-nothing': 'jobs are lost, and every replay reports success and does nothing',
  'drop-updates': 'updates are left out of the merge',
  'merge-in-wrong-order': 'the newest event of an entity is merged first',
  'overwrite-by-stale-merge': 'an entity is written anew from the event that it had at first',
  'swallow-insert-error': 'some inserts fail, and their rows are taken for written',
  'lose-last-row': 'the last row of each insert is left out',
  'cut-long-input': 'an input is cut at 300 characters',
  'swap-two-fields': 'user and session of a trace are swapped',
  'wrong-project': 'a row is written to another project',
  'double-on-another-day': 'a row is written a second time under the next day',
  'double-on-retry': 'an insert that is retried writes its rows under another day as well',
  'invent-row': 'a row is written that nobody sent',
  'vanish-after-seen': 'a row is marked as deleted some time after it was written',
  'lose-tag': 'the last tag of a trace is left out',
  'lose-metadata-key': 'a metadata key of an entity that has several events is left out',
  'shift-time': 'a start is written five hours early, as if in another time zone',
  'score-under-another-trace': 'a score is written under another trace',
  'cut-milliseconds': 'the end of an observation is written in whole seconds',
  'normalise-text': 'an input is written in another Unicode normal form',
  'round-score': 'the value of a score is rounded',
  'blank-for-null': 'an empty text is written where nothing was sent',
} as const;

/** The name of a planted defect. */
export type Defect = keyof typeof DEFECTS;

/** Every name, in the order of the list. */
export const DEFECT_NAMES = Object.keys(DEFECTS) as [Defect, ...Defect[]];
