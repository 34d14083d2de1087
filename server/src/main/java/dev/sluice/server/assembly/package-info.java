/**
 * The whole program, put together by constructors.
 *
 * <p>Start with {@link dev.sluice.server.assembly.SluiceServer}, which reads from top to bottom in the order in which things
 * start; {@link dev.sluice.server.assembly.Backend} is where memory and Redis part ways.
 */
@NullMarked
package dev.sluice.server.assembly;

import org.jspecify.annotations.NullMarked;
