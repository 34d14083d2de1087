/**
 * Several gateways as real processes on a real Redis, and everything around them going wrong: {@link FaultBench} holds them,
 * {@link Traffic} runs over them, and the tests say what their users see. What they prove is listed in {@code docs/faults.md}.
 */
@NullMarked
package dev.sluice.server.faults;

import org.jspecify.annotations.NullMarked;
