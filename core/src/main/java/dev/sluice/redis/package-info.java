/**
 * Redis as a place to run atomic steps: connections of every topology, scripts, deadlines, key names.
 *
 * <p>Knows no feature. Start with {@link dev.sluice.redis.ScriptRunner}, then {@link dev.sluice.redis.Script} and
 * {@link dev.sluice.redis.KeySpace}. Time is the server's: {@code server-time.lua} stands at the top of every script.
 */
@NullMarked
package dev.sluice.redis;

import org.jspecify.annotations.NullMarked;
