/**
 * One message out: idempotency and limits in one decision, the call, its classification, and settling.
 *
 * <p>Start with {@link dev.sluice.delivery.Delivery}, then {@link dev.sluice.delivery.OutboundCall} and
 * {@link dev.sluice.delivery.Outcome}.
 */
@NullMarked
package dev.sluice.delivery;

import org.jspecify.annotations.NullMarked;
