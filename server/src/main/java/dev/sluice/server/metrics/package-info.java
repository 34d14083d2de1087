/**
 * What is counted: a listener on each part, one registry, two ways to show it.
 *
 * <p>Start with {@link dev.sluice.server.metrics.Metrics}. No label holds an id, so the number of series is fixed.
 */
@NullMarked
package dev.sluice.server.metrics;

import org.jspecify.annotations.NullMarked;
