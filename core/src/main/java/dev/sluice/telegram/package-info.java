/**
 * The words of the Bot API that every other package speaks. Depends on nothing.
 *
 * <p>Start with {@link dev.sluice.telegram.Method}, which says what a call costs and whether it may be repeated.
 */
@NullMarked
package dev.sluice.telegram;

import org.jspecify.annotations.NullMarked;
