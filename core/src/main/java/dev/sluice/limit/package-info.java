/**
 * Limits: may an action pass all of its buckets now, and if not, when?
 *
 * <p>Start with {@link dev.sluice.limit.RateLimiter}, then {@link dev.sluice.limit.Limit} and
 * {@link dev.sluice.limit.Decision}.
 */
@NullMarked
package dev.sluice.limit;

import org.jspecify.annotations.NullMarked;
