/**
 * Servers of our own as child processes, for one machine without anything installed.
 *
 * <p>A child outlives its parent by seconds at most: {@code watchdog.sh} stands between the two, sees the parent's end of a
 * pipe close however the parent died, and ends the child; should both be killed, the next start finds the orphan by its
 * process id file. Start with {@link dev.sluice.server.embedded.EmbeddedRedis}.
 */
@NullMarked
package dev.sluice.server.embedded;

import org.jspecify.annotations.NullMarked;
