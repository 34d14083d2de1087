/**
 * How the program is: every part with its backend, whether it is ready, and the lines it says of itself at start.
 *
 * <p>Start with {@link dev.sluice.server.health.Part}, then {@link dev.sluice.server.health.Health}.
 */
@NullMarked
package dev.sluice.server.health;

import org.jspecify.annotations.NullMarked;
