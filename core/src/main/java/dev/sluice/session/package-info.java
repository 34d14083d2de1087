/**
 * What a bot keeps of a user for a while: the last actions, temporary settings, the history of what passed between them.
 *
 * <p>Start with {@link dev.sluice.session.Sessions} and {@link dev.sluice.session.SessionWrite}. The steps stand in {@code session.lua} and the
 * scripts beside it.
 *
 * <p>A session is one hash, so that all of it changes in one step and goes together. Actions and history are rings: entry n stands in the field
 * n modulo the bound, so that the newest takes the place of the oldest and nothing is ever trimmed. Settings with a time of their own end by
 * Redis' clock when they are looked at, and are removed by the next write. All entries are sealed one by one.
 *
 * <p>Failure windows are those of {@code dev.sluice.fsm}; an entry whose answer was lost may be there, and twice if it is added again.
 */
@NullMarked
package dev.sluice.session;

import org.jspecify.annotations.NullMarked;
