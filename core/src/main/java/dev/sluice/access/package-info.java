/**
 * Whether a user may use a bot: {@link dev.sluice.access.AccessStates} is asked for each update and keeps what
 * {@link dev.sluice.access.AccessTruth} says for 45 s; a payment ends that at once, on all replicas.
 */
@NullMarked
package dev.sluice.access;

import org.jspecify.annotations.NullMarked;
