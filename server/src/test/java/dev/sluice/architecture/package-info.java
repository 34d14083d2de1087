/**
 * The rules of the house that a compiler does not know. {@link dev.sluice.architecture.HouseRule} names them, each with a
 * canary: a class under {@code canary}, laid out like Sluice in small, that breaks the rule on purpose and so proves that
 * it fires.
 */
@NullMarked
package dev.sluice.architecture;

import org.jspecify.annotations.NullMarked;
