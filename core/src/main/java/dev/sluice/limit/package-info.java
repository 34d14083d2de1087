/**
 * Limits: may an action pass all of its buckets now, and if not, when?
 *
 * <p>Start with {@link dev.sluice.limit.RateLimiter}, then {@link dev.sluice.limit.Limit} and
 * {@link dev.sluice.limit.Decision}. How a bucket counts is explained in {@code buckets.lua}, which the in-memory backend
 * mirrors; what happens while Redis is away in {@link dev.sluice.limit.LocalShare}.
 */
@NullMarked
package dev.sluice.limit;

import org.jspecify.annotations.NullMarked;
