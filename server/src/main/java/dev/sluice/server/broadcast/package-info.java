/**
 * Broadcasts on the server: what is uploaded becomes a draft and then runs; feeders make messages of it.
 *
 * <p>Start with {@link dev.sluice.server.broadcast.Uploads}, then {@link dev.sluice.server.broadcast.Feeder}. The store, and
 * what is guaranteed, is {@link dev.sluice.broadcast}.
 *
 * <pre>
 *   lines ──► UploadReader ──► Chunk, sealed ──► draft ──► running ──► Feeder: Chunk + Template = message ──► queue
 * </pre>
 */
@NullMarked
package dev.sluice.server.broadcast;

import org.jspecify.annotations.NullMarked;
