/**
 * What conversations and sessions are made of: JSON values, fields that are sealed one by one, and a map that forgets what nobody touches.
 *
 * <p>Start with {@link dev.sluice.state.JsonValue}; {@link dev.sluice.state.SealedFields} is how a value stands in Redis,
 * {@link dev.sluice.state.TouchedMap} where it stands in memory, {@link dev.sluice.state.StateWatch} tells of it. {@code dev.sluice.fsm} and {@code dev.sluice.session} are built on these.
 */
@NullMarked
package dev.sluice.state;

import org.jspecify.annotations.NullMarked;
