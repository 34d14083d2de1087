/**
 * Named limits: what third-party APIs, databases and people may be asked for, under a name that operators can change the limit of.
 *
 * <p>Start with {@link dev.sluice.namedlimit.NamedLimits}, then {@link dev.sluice.namedlimit.NamedLimit},
 * {@link dev.sluice.namedlimit.Use} and {@link dev.sluice.namedlimit.Passage}; callers that wait go through
 * {@link dev.sluice.namedlimit.PatientNamedLimits}.
 *
 * <h2>One step</h2>
 *
 * A definition and its buckets are read, decided by and charged in one script. A process that held definitions would go on by an old one
 * for as long as it had not heard of the new one; here there is nothing to hear of. The price: all named limits share one Cluster slot,
 * since a script touches one slot only.
 *
 * <h2>A definition that changes</h2>
 *
 * A bucket keeps what it was charged, so a lower limit holds at once for those who used the old one up, and a higher one lets more pass at
 * once. What a bucket has forgotten by the old window a longer one does not bring back, and from a window to a smooth limit or back the
 * bucket starts empty.
 *
 * <h2>Shadow</h2>
 *
 * A limit in shadow mode decides as any other and denies nobody: who would have been denied passes uncharged, so that what is counted is
 * what would have been.
 *
 * <h2>Without Redis</h2>
 *
 * As for all limits ({@link dev.sluice.limit.LocalShare}), by the definition that Redis told last. A limit that this process has never
 * heard of cannot be decided then: the failure is thrown on, whatever the policy.
 */
@NullMarked
package dev.sluice.namedlimit;

import org.jspecify.annotations.NullMarked;
