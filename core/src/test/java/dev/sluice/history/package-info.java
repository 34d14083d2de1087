/** What was said last in a chat: one contract for both backends, a plain model, processes that die, and what must never be in Redis. */
@NullMarked
package dev.sluice.history;

import org.jspecify.annotations.NullMarked;
