/**
 * What the program says about itself: its log's shape, and the last line of defence against secrets in it.
 *
 * <p>Start with {@link dev.sluice.server.logging.Logging}, then {@link dev.sluice.server.logging.Redaction}.
 */
@NullMarked
package dev.sluice.server.logging;

import org.jspecify.annotations.NullMarked;
