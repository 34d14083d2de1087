/**
 * The commands of the program. Each reads its options, does one thing and returns an exit code: 0 if what was asked was done,
 * 1 if not, 2 if it was asked wrongly or the settings are wrong. Errors are lines, never stack traces.
 *
 * <p>Start with {@link dev.sluice.server.cli.SluiceCommand}.
 */
@NullMarked
package dev.sluice.server.cli;

import org.jspecify.annotations.NullMarked;
