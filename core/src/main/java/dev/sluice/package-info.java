/** Sluice: nothing flooded, nothing doubled, nothing lost. Each package below is one guard or one vocabulary. */
@NullMarked
package dev.sluice;

import org.jspecify.annotations.NullMarked;
