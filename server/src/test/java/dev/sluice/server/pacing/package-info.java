/** Three replicas on one Redis, a bot that asks for too much, and what the simulated Telegram saw of it. */
@NullMarked
package dev.sluice.server.pacing;

import org.jspecify.annotations.NullMarked;
