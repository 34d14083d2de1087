/**
 * Idempotency for work other than sending: an incoming webhook, a payment, any {@link java.util.concurrent.Callable} that must not
 * be done twice because somebody asked twice.
 *
 * <p>Start with {@link dev.sluice.execution.IdempotentExecutor}, then {@link dev.sluice.execution.ExecutionSettings} (at least once or at
 * most once) and {@link dev.sluice.execution.Execution} (what came of it). Claims, leases and fences are those of
 * {@link dev.sluice.idempotency.IdempotencyGuard}.
 *
 * <h2>One run</h2>
 *
 * <pre>
 *   claim ── New ──▶ the work runs, its lease renewed each third ──▶ result  ──▶ Complete ──▶ Ran
 *     │                                                          └─▶ throws  ──▶ AfterFailure: Fail, Release or MarkUnknown ──▶ Failed
 *     ├── Processing ──▶ waits for the twin, then claims again; past its wait InProgress
 *     └── Completed, Failed, Unknown, Mismatch ──▶ Replayed or Done, FailedBefore, Unknown, Mismatch
 * </pre>
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>The process dies before the work ended</b>, or after it and before that was written down. Its lease runs out: at least once,
 *       the next caller does it again; at most once, all are told {@link dev.sluice.execution.Execution.Unknown}.
 *   <li><b>The lease is lost</b> (a pause longer than it, or Redis away for so long) while the work goes on. Its settlement is refused if
 *       somebody else has come; {@link dev.sluice.execution.Execution.Ran} says so. What the work changes elsewhere only its
 *       {@link dev.sluice.idempotency.Fence} can guard: a resource that keeps the greatest number it saw refuses the late one.
 *   <li><b>The answer to the claim is lost.</b> The work is not done, the failure is thrown, and the claim is taken back behind the scenes.
 *   <li><b>The settlement cannot be written</b> because Redis is away. It is tried again within its time limit; after that it is as if the
 *       process had died after the work.
 * </ul>
 */
@NullMarked
package dev.sluice.execution;

import org.jspecify.annotations.NullMarked;
