/**
 * The idempotency guard: of equal requests one acts, the others get its result.
 *
 * <p>Start with {@link dev.sluice.idempotency.IdempotencyGuard}, then {@link dev.sluice.idempotency.Claim} and
 * {@link dev.sluice.idempotency.Settlement}.
 */
@NullMarked
package dev.sluice.idempotency;

import org.jspecify.annotations.NullMarked;
