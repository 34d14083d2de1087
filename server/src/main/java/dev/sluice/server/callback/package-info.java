/**
 * Callbacks: whoever queued a message is told what became of it, at a URL of theirs.
 *
 * <p>Start with {@link dev.sluice.server.callback.CallbackUrl}, then {@link dev.sluice.server.callback.AllowedTargets} (where
 * callbacks may go), {@link dev.sluice.server.callback.CallbackLoop} and {@link dev.sluice.server.callback.CallbackCalls} (one
 * try).
 *
 * <h2>What is promised</h2>
 *
 * That a callback is owed is written in the step that ends its message ({@link dev.sluice.queue.Callbacks}), so nothing that
 * ended goes untold because a process died. It is told at least once, and again after 5, 10, 20 s and so on, up to an hour
 * apart, until its receiver answers 2xx, or 410, or a day is over.
 *
 * <h2>Where it may go</h2>
 *
 * The URL comes from whoever may queue messages, and is called from inside the operator's network. So a name is resolved once
 * for each try, every address that it has must be a public one (or one that the operator named), and the connection is made
 * to the address that was looked at: a name that resolves differently a moment later leads nowhere. Redirects are not
 * followed, and nothing of the answer is read but its status.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>The process dies while it tells</b>: another tells it once the lease is over, with the same event id.
 *   <li><b>The receiver has heard it, and its answer is lost</b>: it is told again, with the same event id.
 *   <li><b>One receiver is slow</b>: at most {@link dev.sluice.server.callback.HostPlaces#PER_HOST} calls of a process wait for
 *       it; its other callbacks are put off, those of others pass.
 * </ul>
 */
@NullMarked
package dev.sluice.server.callback;

import org.jspecify.annotations.NullMarked;
